import { Value } from 'typebox/value'
import { EnrolmentAnswer, type EnrolmentRequest } from '../../contract/enrolment.ts'
import { Fault, type FaultCode } from '../../contract/fault.ts'
import { ROUTES } from '../../contract/routes.ts'
import { Secret } from '../../contract/secret.ts'
import { askHost, credential, hostUrl, instanceId, leastWait, refusalOf } from '../host.ts'
import { bootstrapToken } from '../injected/bootstrap-token.ts'
import { MEMORY, recall, remember, type Granted } from '../memory.ts'
import { readAll } from '../read-all.ts'
import type { Stage } from '../stage.ts'
import type { HttpAnswer, System } from '../system.ts'

/** Buys this instance's own credential with a bootstrap token. */
export const enrol: Stage = {
  name: 'enrol',
  purpose: 'exchange the bootstrap token for a credential of this instance',
  // An operator who lets an instance in wants to see it go on.
  pace: { operator: 15 },

  async done(system) {
    const enrolment = recall(system.files, MEMORY.enrolment)
    const granted = enrolment?.instance === instanceId(system) ? enrolment.granted : undefined
    if (hostUrl(system) === undefined) return granted !== undefined || 'not enrolled: there is no host; this comes when the daemon starts and finds it'
    return granted !== undefined && !isDue(granted, system.clock.now())
  },

  async run(system) {
    const instance = instanceId(system)
    const secret = ownSecret(system, instance)
    const request: EnrolmentRequest = { instance, key: secret.sha256(), ...hostname(system) }
    // Its own credential renews itself; the token may have expired long ago.
    const own = credential(system)
    const bearer = own ?? (await bootstrapToken(system))
    const answer = await askHost(system, ROUTES.enrol, [200, 401, 403, 409, 429, 503], { method: 'POST', json: request, bearer })
    if (answer.status !== 200) {
      // A host that only asks to wait has not refused the credential.
      if (own && answer.status < 429) remember(system.files, MEMORY.enrolment, { instance, secret: secret.reveal() })
      throw await refused(answer, own !== undefined)
    }
    const granted: unknown = parsed((await readAll(answer.body, 64 * 1024)).toString('utf8'))
    if (!Value.Check(EnrolmentAnswer, granted) || granted.instance !== instance || Number.isNaN(Date.parse(granted.expires))) {
      throw new Fault('HOST_ANSWER_INVALID', { path: ROUTES.enrol }, 'the answer to the enrolment has not the expected form')
    }
    remember(system.files, MEMORY.enrolment, { instance, secret: secret.reveal(), granted: { ...granted, at: system.clock.now() } })
    return `credential until ${granted.expires.replace(/\.\d+Z$/, 'Z')}`
  },
}

/** Renewed in the second half of its life, so that a host which is away for days keeps no guest out. */
export function isDue({ at, expires }: Granted, now: number): boolean {
  return now >= (at + Date.parse(expires)) / 2
}

/** Made once and kept before it is used: the answer may be lost in a power cut, and the same question asked again. */
function ownSecret(system: System, instance: string): Secret {
  const enrolment = recall(system.files, MEMORY.enrolment)
  if (enrolment?.instance === instance) return new Secret(enrolment.secret)
  const secret = Secret.random()
  remember(system.files, MEMORY.enrolment, { instance, secret: secret.reveal() })
  return secret
}

function hostname(system: System): { hostname?: string } {
  const name = system.files.text('/proc/sys/kernel/hostname')?.trim() ?? ''
  return name === '' || name.length > 255 ? {} : { hostname: name }
}

/** What the host answers by a code of its own; its message says what mends it. */
const BY_CODE: readonly FaultCode[] = ['APPROVAL_PENDING', 'ATTESTATION_REFUSED', 'ATTESTATION_UNDECIDED', 'TOO_MANY_ATTEMPTS']

async function refused(answer: HttpAnswer, renewing: boolean): Promise<Fault> {
  const { status } = answer
  const { code, message } = await refusalOf(answer)
  const known = BY_CODE.find((one) => one === code) ?? (status >= 429 ? 'HOST_FAILED' : undefined)
  if (known) return new Fault(known, { status }, message || `status ${status}`, { wait: leastWait(answer) })
  if (status === 409) return new Fault('INSTANCE_TAKEN', { status }, message || 'on the host: trovestrap forget INSTANCE')
  if (renewing || code === 'CREDENTIAL_REFUSED') return new Fault('CREDENTIAL_REFUSED', { status }, message || 'the host does not accept it')
  const mend = 'make a new token on the host (trovestrap token create), and inject it or build the image again'
  return new Fault('TOKEN_REFUSED', { status }, message === '' ? mend : `${message}; ${mend}`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
