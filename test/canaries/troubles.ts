import { readFileSync } from 'node:fs'
import type { FaultCode } from '../../contract/fault.ts'
import { GUEST } from '../../contract/paths.ts'
import { CA } from '../image-builder/small-image.ts'
import type { CanaryGuest } from './guest.ts'
import type { CanaryHost } from './host.ts'
import { guestInfo, PLANTED } from './planted.ts'
import { ENDED, RUNS } from '../guest-bootstrap/unit-states.ts'

/** Something that keeps a guest from coming up, in which a secret is near; the codes are what it may be called. */
export interface Trouble {
  readonly code: FaultCode
  readonly make: (guest: CanaryGuest) => void
  readonly mend: (guest: CanaryGuest) => void
}

interface Around {
  readonly host: CanaryHost
  readonly instance: string
  readonly token: string
  /** Of something that repeats what it is told. */
  readonly tellTale: number
}

const { astray } = PLANTED

/** Of a guest that has no tree yet: later it would go on without its host. */
export function earlyTroubles({ host, instance, token, tellTale }: Around): Trouble[] {
  const config = JSON.stringify({ format: 1, urls: [host.url], token, agent: { user: 'trove' } })
  return [
    file('IMAGE_CONFIG_INVALID', GUEST.config, config.slice(0, -2), config),
    file('IMAGE_CONFIG_INVALID', GUEST.config, config.replace('"format":1', `"format":"${astray}","${astray}":1`), config),
    file('GUEST_INFO_INVALID', GUEST.guestInfo[0], `${PLANTED.instanceKey}\n${guestInfo(instance)}`, guestInfo(instance)),
    file('NO_GUEST_ID', GUEST.guestInfo[0], guestInfo(instance).replace(`guest_id = ${instance}`, `guest_id = ${astray}`), guestInfo(instance)),
    file('HOST_REFUSED', GUEST.config, config.replace(host.url, `https://admin:${encodeURIComponent(astray)}@127.0.0.1:1`), config),
    file('HOST_UNTRUSTED', GUEST.ca, CA, readFileSync(host.state.ca, 'utf8')),
    file('HOST_NOT_TLS', GUEST.config, config.replace(host.url, `https://127.0.0.1:${tellTale}`), config),
    file('TOKEN_MISSING', GUEST.token, `${astray}\n`, undefined),
    file('TOKEN_REFUSED', GUEST.token, 'zzzzzz.zzzzzzzzzzzzzzzz\n', undefined),
  ]
}

/** One for each way in which a later stage that has to do with secrets can fail. */
export function troubles({ host, instance, tellTale }: Around): Trouble[] {
  const world = (code: FaultCode, change: Partial<CanaryGuest['world']>, well: Partial<CanaryGuest['world']>): Trouble => ({
    code,
    make: (guest) => void Object.assign(guest.world, change),
    mend: (guest) => void Object.assign(guest.world, well),
  })
  const pip = (code: FaultCode, words: (secret: string) => string): Trouble => ({
    code,
    make(guest) {
      guest.it.system.files.remove('/var/lib/trovestrap/installed.json')
      Object.assign(guest.world, { missing: [`tool @ https://pip:${astray}@index.test/tool.whl`], pip: { code: 1, stderr: words(guest.secret()) } })
    },
    mend: ({ world }) => void Object.assign(world, { pip: {} }),
  })
  const conf = `${GUEST.confDir}/zz.conf`
  const index = (secret: string): string => `https://${instance}:${secret}@127.0.0.1:1/v1/simple/tool/`
  const traceback = `Traceback (most recent call last):\n${LAST_WORDS}\n`
  return [
    file('CONFIG_INVALID', conf, `[DEFAULT]\n${astray}\n`, undefined),
    file('CONFIG_INVALID', conf, `[DEFAULT]\nguest_id = ${astray}\n`, undefined, 0o644),
    file('AGENT_USER_MISSING', '/etc/passwd', `root:${astray}:0:0::/root:/bin/sh\n`, `trove:x:${process.getuid!()}:${process.getgid!()}::/var/lib/trove:/bin/sh\n`),
    file('TRANSPORT_URL_INVALID', conf, `[DEFAULT]\ntransport_url = rabbit://trove:${astray}/@h/\n`, undefined),
    file('TRANSPORT_URL_INVALID', conf, `[DEFAULT]\ntransport_url = rabbit://trove:${astray}@h:${astray}/\n`, undefined),
    file('AMQP_CA_MISSING', conf, `[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /no/such.pem\n`, undefined),
    world('AMQP_REFUSED', { port: host.rabbit }, { port: undefined }),
    world('AMQP_FAILED', { port: tellTale }, { port: undefined }),
    pip('PIP_FAILED', (secret) => `Looking in indexes: ${index(secret)}\nERROR: HTTP error 500 while getting ${index(secret)} with ${secret}`),
    pip('REQUIREMENT_NOT_FOUND', (secret) => `ERROR: No matching distribution found for tool @ https://pip:${astray}@index.test/${secret}`),
    pip('INDEX_UNREACHABLE', (secret) => `WARNING: Retrying: HTTPSConnectionPool(host='127.0.0.1', port=1): Max retries exceeded with url: ${index(secret)}\nERROR: ReadTimeoutError ${secret}`),
    pip('REQUIREMENT_CONFLICT', (secret) => `ERROR: ResolutionImpossible\nThe conflict is caused by:\n    ${index(secret)} ${secret} wants another\n`),
    pip('WHEEL_NOT_BUILT', (secret) => `  error: command gcc ${index(secret)} ${secret} failed\nERROR: Failed building wheel for tool\n`),
    world('AGENT_START_FAILED', { restart: { code: 1, stderr: `Job failed, ${PLANTED.guestRabbit} ${PLANTED.instanceKey}` }, journal: traceback }, { restart: {}, journal: '' }),
    world('AGENT_EXITED', { unit: ENDED, journal: traceback }, { unit: RUNS, journal: '' }),
  ]
}

function file(code: FaultCode, path: string, text: string, whole: string | undefined, mode = 0o600): Trouble {
  return {
    code,
    make: ({ it }) => it.put(path, text, mode),
    mend: ({ it }) => (whole === undefined ? it.system.files.remove(path) : it.put(path, whole, 0o600)),
  }
}

/** Everything that the agent could repeat of its configuration, in the line that counts. */
export const LAST_WORDS = [
  `amqp.exceptions.AccessRefused: ${PLANTED.guestRabbit} rabbit://trove:${encodeURIComponent(PLANTED.guestRabbit)}@h/ ${encodeURIComponent(PLANTED.guestRabbit)}`,
  `RuntimeError: ${PLANTED.guestRabbit} ${encodeURIComponent(PLANTED.guestRabbit)} ${JSON.stringify(PLANTED.guestRabbit)} ${PLANTED.instanceKey} ${PLANTED.taskmanagerKey} ${PLANTED.registry}`,
].join('\n')
