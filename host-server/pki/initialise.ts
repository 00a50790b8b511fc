import { X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { formatCredential } from '../../contract/credential.ts'
import { Secret } from '../../contract/secret.ts'
import { explainAccess } from '../settings/explain-access.ts'
import type { Settings } from '../settings.ts'
import { SetupError } from '../setup-error.ts'
import { stateFolder, type StateFolder } from '../state-folder.ts'
import { openStore } from '../store/open-store.ts'
import { certificateNames, unnamedBy } from './certificate-names.ts'
import { makeSigningKey } from './signing-key.ts'
import { syncFolder, writeBeside } from './write-beside.ts'

export interface Initialised {
  /** What was made now; empty when everything was there. */
  readonly made: readonly { readonly path: string; readonly what: string }[]
  /** The first bootstrap token; only where the database was made now. */
  readonly token?: Secret
  /** Names that guests use and the server certificate lacks. */
  readonly unnamed: readonly string[]
  /** End of the server certificate. */
  readonly expires: Date
}

/**
 * Makes what is missing in the state folder and touches nothing that is there; with `renew` the server certificate is made anew.
 * Killed at any moment, the next call finishes the work.
 * @throws SetupError where the state folder cannot be written
 */
export async function initialise(settings: Settings, options: { renew?: boolean } = {}, now = new Date()): Promise<Initialised> {
  const state = stateFolder(settings.state)
  const made: { path: string; what: string }[] = []
  const make = async (path: string, what: string, write: () => void | Promise<void>, again = false) => {
    if (existsSync(path) && !again) return
    await write()
    made.push({ path, what })
  }
  let token: Secret | undefined
  try {
    for (const folder of [state.root, state.pki, state.content]) {
      await make(folder, 'folder', () => void mkdirSync(folder, { recursive: true, mode: 0o700 }))
    }
    await make(state.ca, 'certificate authority', () => writeCa(state, settings, now))
    await make(state.server, 'server certificate', () => writeServerCertificate(state, settings, now), options.renew)
    await make(state.signingKey, 'key that signs manifests', () => writeBeside(state.signingKey, makeSigningKey()))
    await make(state.operatorToken, 'operator token', () => {
      writeBeside(state.operatorToken, `${formatCredential({ kind: 'operator', secret: Secret.random() }).reveal()}\n`)
    })
    await make(state.database, 'database', () => void (token = writeDatabase(state, settings, now)))
  } catch (error) {
    if (!('syscall' in (error as object))) throw error
    throw new SetupError(explainAccess((error as NodeJS.ErrnoException).path ?? state.root, error).replace('readable', 'writable'), { cause: error })
  }
  const certificate = new X509Certificate(readFileSync(state.server))
  return {
    made,
    unnamed: unnamedBy(certificate, certificateNames(settings)),
    expires: certificate.validToDate,
    ...(token === undefined ? {} : { token }),
  }
}

/** The key goes first: where the certificate is, the key is too. */
async function writeCa(state: StateFolder, settings: Settings, now: Date): Promise<void> {
  const { makeCa } = await import('./certificates.ts')
  const { key, certificate } = await makeCa(settings.names[0]!, now)
  writeBeside(state.caKey, key)
  writeBeside(state.ca, certificate, 0o644)
}

async function writeServerCertificate(state: StateFolder, settings: Settings, now: Date): Promise<void> {
  const { makeServerCertificate } = await import('./certificates.ts')
  const ca = { key: readFileSync(state.caKey, 'utf8'), certificate: readFileSync(state.ca, 'utf8') }
  const { key, certificate } = await makeServerCertificate(ca, certificateNames(settings), settings.lifetimes.certificate, now)
  writeBeside(state.server, key + certificate)
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
