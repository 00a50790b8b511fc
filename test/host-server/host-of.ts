import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { zstdCompressSync } from 'node:zlib'
import type { FastifyBaseLogger, FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { pino } from 'pino'
import type { Test } from 'tap'
import { Secret } from '../../contract/secret.ts'
import type { Attests } from '../../host-server/admission/admission.ts'
import { buildApp } from '../../host-server/app.ts'
import { Followers } from '../../host-server/follow/followers.ts'
import { Offers } from '../../host-server/follow/offers.ts'
import type { ServerLimits } from '../../host-server/limits.ts'
import type { Offer } from '../../host-server/offer/offer.ts'
import { openStore } from '../../host-server/store/open-store.ts'
import { readWheelIndex } from '../../host-server/wheels/read-index.ts'
import type { Store } from '../../host-server/store/store.ts'
import type { Transfers } from '../../host-server/transfers.ts'

export const ONE = '11111111-1111-4111-8111-111111111111'
export const TWO = '22222222-2222-4222-8222-222222222222'
export const REVISION = 'a'.repeat(64)
const ENVELOPE = JSON.stringify({ key: 'k', payload: 'cA==', signature: 'cw==' })
export const PACK = Buffer.from('the bytes of a pack')
export const PACK_SHA256 = createHash('sha256').update(PACK).digest('hex')
export const OPERATOR = 'O'.repeat(43)
/** Secrets of the two instances. */
export const SECRETS: Readonly<Record<string, string>> = { [ONE]: '1'.repeat(43), [TWO]: '2'.repeat(43) }

export interface Host {
  readonly app: FastifyInstance
  readonly store: Store
  /** A bootstrap token that opens enrolment. */
  readonly token: string
  /** What was logged, at every level. */
  readonly log: () => string
  ask(method: InjectOptions['method'], url: string, credential?: string, rest?: InjectOptions): Promise<LightMyRequestResponse>
  enrol(instance: string): void
  readonly clock: { now: Date }
  /** Guests may follow the tree; a change is what a test makes of it. */
  readonly offers: Offers
}

export interface HostOptions {
  readonly offer?: Partial<Offer>
  readonly attestor?: Attests
  readonly transfers?: Transfers
  /** Whether every instance with a valid token may enrol. */
  readonly open?: boolean
  readonly limits?: Partial<ServerLimits>
}

/** An app over a real store, with an offer as small as can be. */
export async function hostOf(t: Test, { offer: changed = {}, attestor, transfers, open = true, limits = {} }: HostOptions = {}): Promise<Host> {
  const folder = t.testdir({ pack: PACK.toString(), wheels: { 'tool-1.0.tar.gz': 'an sdist' } })
  const store = openStore(join(folder, 'db.sqlite'))
  const clock = { now: new Date() }
  if (open) store.approvals.open(86_400, clock.now)
  let log = ''
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log += chunk.toString()
      done()
    },
  })
  const offer: Offer = {
    manifest: { revision: REVISION, etag: '"manifest-1"', body: ENVELOPE, zstd: zstdCompressSync(ENVELOPE), pack: { sha256: PACK_SHA256, pieces: [] } },
    content: new Map([[PACK_SHA256, join(folder, 'pack')]]),
    config: { etag: '"config-1"', text: '[DEFAULT]\ntransport_url = rabbit://u:p@10.0.2.2/\n' },
    wheels: await readWheelIndex(join(folder, 'wheels')),
    stale: [],
    ...changed,
  }
  const offers = new Offers(offer)
  const app = await buildApp(
    {
      store,
      offer: () => offers.now,
      followers: new Followers(offers, store.instances.isHeld),
      signingKeys: () => [{ id: 'k', spki: 'cA==' }],
      operator: () => new Secret(OPERATOR).sha256(),
      credentialLifetime: () => 3600,
      clock: () => clock.now,
      version: '1.2.3',
      ...(attestor === undefined ? {} : { attestor }),
      ...(transfers === undefined ? {} : { transfers }),
    },
    { logger: pino({ level: 'trace' }, sink) as unknown as FastifyBaseLogger, limits },
  )
  t.teardown(async () => {
    await app.close()
    store.close()
  })
  return {
    app,
    store,
    clock,
    offers,
    token: store.tokens.create({ lifetime: 3600 }, clock.now).token.reveal(),
    log: () => log,
    ask: (method, url, credential, rest = {}) =>
      app.inject({
        method: method!,
        url,
        ...rest,
        headers: { ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }), ...rest.headers },
      }),
    enrol(instance) {
      const key = new Secret(SECRETS[instance]!).sha256()
      store.instances.enrol({ instance, admitted: 'a test', key, address: '10.0.2.15', expires: new Date(clock.now.getTime() + 3_600_000) }, clock.now)
    },
  }
}

export const credentialOf = (instance: string): string => `${instance}.${SECRETS[instance]}`
