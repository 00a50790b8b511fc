import { X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { formatCredential } from '../../contract/credential.ts'
import { Secret } from '../../contract/secret.ts'
import { explainAccess } from '../settings/explain-access.ts'
import type { Settings } from '../settings.ts'
import { SetupError } from '../setup-error.ts'
import { stateFolder, type StateFolder } from '../state-folder.ts'
import { openStore } from '../store/open-store.ts'
import { certificateNames, unnamedBy } from './certificate-names.ts'
import { finishReplacing, replaceTogether } from './replace-together.ts'
import { makeSigningKey } from './signing-key.ts'
import { syncFolder, writeBeside } from './write-beside.ts'

/** What shall be made anew though it is there. */
export interface Renewal {
  /** The server certificate; images stay good. */
  readonly renew?: boolean
  /** The key that signs manifests: the old one is gone at once. */
  readonly newSigningKey?: boolean
  readonly newOperatorToken?: boolean
  /** The CA and with it the server certificate: no image that was built before trusts this host then. */
  readonly newCa?: boolean
}

export interface Initialised {
  /** What was made now; empty when everything was there. */
  readonly made: readonly { readonly path: string; readonly what: string }[]
  /** What of it took the place of another. */
  readonly replaced: readonly (keyof Renewal)[]
  /** The first bootstrap token; only where the database was made now. */
  readonly token?: Secret
  /** Names that guests use and the server certificate lacks. */
  readonly unnamed: readonly string[]
  /** End of the server certificate. */
  readonly expires: Date
}

/**
 * Makes what is missing in the state folder and touches nothing that is there but what `renewal` says.
 * Killed at any moment, the next call finishes the work.
 * @throws SetupError where the state folder cannot be written
 */
export async function initialise(settings: Settings, renewal: Renewal = {}, now = new Date()): Promise<Initialised> {
  const state = stateFolder(settings.state)
  const made: { path: string; what: string }[] = []
  const replaced: (keyof Renewal)[] = []
  const make = async (path: string, what: string, write: () => void | Promise<void>, again?: keyof Renewal) => {
    const isThere = existsSync(path)
    if (isThere && (again === undefined || renewal[again] !== true)) return
    await write()
    made.push({ path, what })
    if (isThere && again !== undefined) replaced.push(again)
  }
  let token: Secret | undefined
  try {
    for (const folder of [state.root, state.pki, state.content]) {
      await make(folder, 'folder', () => void mkdirSync(folder, { recursive: true, mode: 0o700 }))
    }
    removeLeftovers(state.pki)
    if (finishReplacing(state.pki)) made.push(...bothOf(state))
    if (!existsSync(state.ca) || renewal.newCa) {
      if (existsSync(state.ca)) replaced.push('newCa')
      await writeCa(state, settings, now)
      made.push(...bothOf(state))
    } else {
      await make(state.server, 'server certificate', () => writeServerCertificate(state, settings, now), 'renew')
    }
    await make(state.signingKey, 'key that signs manifests', () => writeBeside(state.signingKey, makeSigningKey()), 'newSigningKey')
    await make(state.operatorToken, 'operator token', () => writeOperatorToken(state), 'newOperatorToken')
    await make(state.database, 'database', () => void (token = writeDatabase(state, settings, now)))
  } catch (error) {
    if (!('syscall' in (error as object))) throw error
    throw new SetupError(explainAccess((error as NodeJS.ErrnoException).path ?? state.root, error).replace('readable', 'writable'), { cause: error })
  }
  const certificate = new X509Certificate(readFileSync(state.server))
  return {
    made,
    replaced,
    unnamed: unnamedBy(certificate, certificateNames(settings)),
    expires: certificate.validToDate,
    ...(token === undefined ? {} : { token }),
  }
}

/** What an init that was killed was about to write; there may be keys in it. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) if (name.endsWith('.tmp')) rmSync(join(folder, name), { recursive: true, force: true })
}

const bothOf = ({ ca, server }: StateFolder) => [
  { path: ca, what: 'certificate authority' },
  { path: server, what: 'server certificate' },
]

/** With the certificate that it signs for this host: one without the other would be a host that no guest trusts. */
async function writeCa(state: StateFolder, settings: Settings, now: Date): Promise<void> {
  const { makeCa, makeServerCertificate } = await import('./certificates.ts')
  const ca = await makeCa(settings.names[0]!, now)
  const server = await makeServerCertificate(ca, certificateNames(settings), settings.lifetimes.certificate, now)
  replaceTogether(state.pki, [
    { name: basename(state.caKey), content: ca.key },
    { name: basename(state.ca), content: ca.certificate, mode: 0o644 },
    { name: basename(state.server), content: server.key + server.certificate },
  ])
}

async function writeServerCertificate(state: StateFolder, settings: Settings, now: Date): Promise<void> {
  if (!existsSync(state.caKey)) throw new SetupError(`${state.caKey} is missing, so nothing can be signed; put it back, or type: trovestrap init --new-ca`)
  const { makeServerCertificate } = await import('./certificates.ts')
  const ca = { key: readFileSync(state.caKey, 'utf8'), certificate: readFileSync(state.ca, 'utf8') }
  const { key, certificate } = await makeServerCertificate(ca, certificateNames(settings), settings.lifetimes.certificate, now)
  writeBeside(state.server, key + certificate)
}

function writeOperatorToken(state: StateFolder): void {
  writeBeside(state.operatorToken, `${formatCredential({ kind: 'operator', secret: Secret.random() }).reveal()}\n`)
}

/** Made beside with its first token, so that a database that is there always has one. */
function writeDatabase(state: StateFolder, settings: Settings, now: Date): Secret {
  const beside = `${state.database}.new`
  for (const left of [beside, `${beside}-wal`, `${beside}-shm`]) rmSync(left, { force: true })
  const store = openStore(beside, 'init')
  const { token } = store.tokens.create({ lifetime: settings.lifetimes.token, description: 'made by init' }, now)
  store.close()
  chmodSync(beside, 0o600)
  renameSync(beside, state.database)
  syncFolder(state.root)
  return token
}
