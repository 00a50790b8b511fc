import { Value } from 'typebox/value'
import { EnrolmentAnswer, type EnrolmentRequest } from '../../contract/enrolment.ts'
import { Fault } from '../../contract/fault.ts'
import { ROUTES } from '../../contract/routes.ts'
import { Secret } from '../../contract/secret.ts'
import type { Refusal } from '../../contract/operator-view.ts'
import { askHost, credential, hostUrl, instanceId, refusalOf } from '../host.ts'
import { bootstrapToken } from '../injected/bootstrap-token.ts'
import { MEMORY, recall, remember } from '../memory.ts'
import { readAll } from '../read-all.ts'
import type { Stage } from '../stage.ts'
import type { System } from '../system.ts'

/** Buys this instance's own credential with a bootstrap token. */
export const enrol: Stage = {
  name: 'enrol',
  purpose: 'exchange the bootstrap token for a credential of this instance',

  async done(system) {
    const enrolment = recall(system.files, MEMORY.enrolment)
    const granted = enrolment?.instance === instanceId(system) ? enrolment.granted : undefined
    if (hostUrl(system) === undefined) return granted !== undefined || 'not enrolled: there is no host; this comes when the daemon starts and finds it'
    if (!granted) return false
    const end = Date.parse(granted.expires)
    return system.clock.now() < (granted.at + end) / 2
  },

  async run(system) {
    const instance = instanceId(system)
    const secret = ownSecret(system, instance)
    const request: EnrolmentRequest = { instance, key: secret.sha256(), ...hostname(system) }
    // Its own credential renews itself; the token may have expired long ago.
    const own = credential(system)
    const bearer = own ?? (await bootstrapToken(system))
    const answer = await askHost(system, ROUTES.enrol, [200, 401, 403, 409], { method: 'POST', json: request, bearer })
    if (answer.status !== 200) {
      if (own) remember(system.files, MEMORY.enrolment, { instance, secret: secret.reveal() })
      throw refused(answer.status, await refusalOf(answer), own !== undefined)
    }
    const granted: unknown = parsed((await readAll(answer.body, 64 * 1024)).toString('utf8'))
    if (!Value.Check(EnrolmentAnswer, granted) || granted.instance !== instance || Number.isNaN(Date.parse(granted.expires))) {
      throw new Fault('HOST_ANSWER_INVALID', { path: ROUTES.enrol }, 'the answer to the enrolment has not the expected form')
    }
    remember(system.files, MEMORY.enrolment, { instance, secret: secret.reveal(), granted: { ...granted, at: system.clock.now() } })
    return `credential until ${granted.expires.replace(/\.\d+Z$/, 'Z')}`
  },
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

function refused(status: number, { code, message }: Refusal, renewing: boolean): Fault {
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
