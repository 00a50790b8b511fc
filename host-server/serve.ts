import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:tls'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { buildApp } from './app.ts'
import { makeAttestor } from './attestation/make-attestor.ts'
import { startSweep } from './attestation/sweep.ts'
import { listen } from './listen.ts'
import { Followers } from './follow/followers.ts'
import { Offers } from './follow/offers.ts'
import type { Watching } from './follow/watch-tree.ts'
import { gather, type Problem } from './offer/gather.ts'
import { makeOffer } from './offer/make-offer.ts'
import { signManifest } from './offer/sign-manifest.ts'
import { readIdentity, type Identity } from './pki/read-identity.ts'
import { certificateWarnings, useCertificate } from './serve-certificate.ts'
import { startRemovingOld } from './remove-old.ts'
import type { Settings } from './settings.ts'
import { lifetimeWarnings } from './settings/lifetime-warnings.ts'
import { SetupError } from './setup-error.ts'
import type { Snapshot } from './snapshot.ts'
import { stateFolder, type StateFolder } from './state-folder.ts'
import { openStore } from './store/open-store.ts'

/** A host that listens. */
export interface Serving {
  readonly address: AddressInfo
  /** Of the tree that is handed out. */
  readonly revision: string
  /** Number of files in it. */
  readonly files: number
  /** What does not keep from serving, but should be known. */
  readonly warnings: readonly string[]
  /**
   * Reads configuration, certificate, keys, operator token, source, guest config and wheels again. What is faulty leaves its last good one in place;
   * the log and /healthz say so. Never rejects. `listen`, `names`, `state` and `openstack` count from the next start.
   */
  reload(load: () => Settings): Promise<void>
  /** Lets running answers end (10 s at most), then frees the port and the database. */
  close(): Promise<void>
}

const CLOSE_MS = 10_000
/** See snapshot/settle.ts: the watcher has waited for a burst to end already. */
const TOLD_QUIET_MS = 40

/**
 * Serves until closed. Everything is checked before the port is taken.
 * @throws SetupError when the machine is not ready: one line for each thing to mend
 */
export async function serve(settings: Settings, logger: FastifyBaseLogger, { follow = false }: { follow?: boolean } = {}): Promise<Serving> {
  const state = stateFolder(settings.state)
  let identity = readIdentity(state, new Date())
  const signWith = ({ signer }: Identity) => (snapshot: Snapshot) => signManifest(snapshot, signer, state.serial)
  const gathered = await gather(settings, state.content, signWith(identity))
  if (gathered.problems.length > 0) throw new SetupError(lines(gathered.problems))
  const offers = new Offers(makeOffer(gathered)!)
  const warnings = [...certificateWarnings(identity, settings), ...lifetimeWarnings(settings), ...gathered.warnings.map(line)]
  for (const warning of warnings) logger.warn(warning)

  const warn = (line: string): void => logger.warn(line)
  const attestor = makeAttestor(settings, { warn })
  const store = openStore(state.database)
  let current = { settings, gathered }
  const followers = follow ? new Followers(offers, store.instances.isHeld) : undefined
  let last = Promise.resolve()
  const reloadNext = (load: () => Settings): Promise<void> => (last = last.then(() => reload(load)))
  const app = await buildApp(
    {
      store,
      offer: () => offers.now,
      ...(followers ? { followers } : {}),
      ...(attestor ? { attestor } : {}),
      reread: () => reloadNext(() => current.settings),
      signingKeys: () => identity.signingKeys,
      operator: () => identity.operator,
      credentialLifetime: () => current.settings.lifetimes.credential,
      clock: () => new Date(),
      version: ownVersion(),
    },
    { logger, https: { key: identity.server, cert: identity.server, minVersion: 'TLSv1.3' } },
  )
  const watching = follow ? await watched(settings.source.path, () => reloadNext(() => current.settings), logger) : undefined
  const sweeping = attestor && startSweep({
    attestor,
    enrolled: () => store.instances.list().flatMap(({ instance, revoked }) => (revoked === undefined ? [instance] : [])),
    revoke: (instance, why) => void store.instances.revoke(instance, new Date(), why),
    warn,
  })
  const removing = startRemovingOld({
    step: () => {
      const now = new Date()
      return store.instances.removeOld(new Date(now.getTime() - current.settings.lifetimes.records * 1000), now)
    },
    warn,
  })
  app.addHook('preClose', async () => void (await Promise.all([watching?.close(), sweeping?.close(), removing.close()])))
  app.addHook('onClose', async () => store.close())
  const address = await listen(app, settings.listen)

  async function reload(load: () => Settings): Promise<void> {
    const next = reread(load, logger)
    const renewed = rereadIdentity(state, logger)
    const gathered = await gather(next ?? current.settings, state.content, signWith(renewed ?? identity), { previous: current.gathered, ...(watching ? { quiet: TOLD_QUIET_MS } : {}) })
    const stale = [...(next === undefined ? ['settings'] : []), ...(renewed === undefined ? ['keys'] : [])]
    const made = makeOffer(gathered, offers.now)!
    // In one step with the offer: whoever enrols now learns the key that signed what it is going to fetch.
    identity = renewed ?? identity
    offers.replace({ ...made, stale: [...stale, ...made.stale] })
    current = { settings: next ?? current.settings, gathered: { ...current.gathered, ...gathered } }
    if (next) logger.level = next.log.level
    useCertificate(app.server as unknown as Server, identity)
    for (const problem of gathered.problems) logger.error({ part: problem.part }, `kept the last good one: ${problem.message}`)
    for (const warning of gathered.warnings) logger.warn(line(warning))
    logger.info({ revision: offers.now.manifest.revision, stale: offers.now.stale }, 'reloaded')
  }

  return {
    address,
    revision: offers.now.manifest.revision,
    files: gathered.snapshot!.manifest.entries.length,
    warnings,
    reload: reloadNext,
    close: () => closeInTime(app),
  }
}

/** Loaded here, not above: who does not follow a tree does without the watcher. */
async function watched(tree: string, changed: () => Promise<void>, logger: FastifyBaseLogger): Promise<Watching> {
  const { watchTree } = await import('./follow/watch-tree.ts')
  const watching = watchTree(tree, changed, (why) => logger.error(`the tree is not followed any more: ${why}`))
  await watching.ready
  return watching
}

/** @returns undefined when the file is faulty; its faults are in the log */
function reread(load: () => Settings, logger: FastifyBaseLogger): Settings | undefined {
  try {
    return load()
  } catch (error) {
    logger.error(`kept the last good settings: ${(error as Error).message}`)
    return undefined
  }
}

/** @returns undefined when something in it is faulty or expired; the log says what, and what is in use stays in use */
function rereadIdentity(state: StateFolder, logger: FastifyBaseLogger): Identity | undefined {
  try {
    return readIdentity(state, new Date())
  } catch (error) {
    logger.error(`kept certificate and keys in use: ${(error as Error).message}`)
    return undefined
  }
}

async function closeInTime(app: FastifyInstance): Promise<void> {
  const late = setTimeout(() => app.server.closeAllConnections(), CLOSE_MS)
  await app.close()
  clearTimeout(late)
}

function line({ part, message }: Problem): string {
  return `${part}: ${message}`
}

function lines(problems: readonly Problem[]): string {
  return problems.length === 1 ? line(problems[0]!) : `${problems.length} things to mend first:\n${problems.map((one) => `  ${line(one)}`).join('\n')}`
}

function ownVersion(): string {
  return (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version
}
