import { address, ROUTES } from '../contract/routes.ts'
import type { SigningKey } from '../contract/envelope.ts'
import { Fault, type FaultCode } from '../contract/fault.ts'
import { GUEST } from '../contract/paths.ts'
import { Secret } from '../contract/secret.ts'
import { Value } from 'typebox/value'
import { Refusal } from '../contract/operator-view.ts'
import { clockOff } from './clock-off.ts'
import { hostFault } from './host-fault.ts'
import { forget, MEMORY, recall, remember } from './memory.ts'
import { leave, readAll } from './read-all.ts'
import type { HttpAnswer, HttpRequest, System } from './system.ts'

/** Milliseconds of silence after which the host counts as away. */
const SILENCE = 10_000

/** The network stage's finding. undefined: no host answers, and the guest goes on with what it has. */
export function hostUrl(system: System): string | undefined {
  return recall(system.files, MEMORY.host)?.url
}

/** This instance's id. @throws Fault when identify has not found it */
export function instanceId(system: System): string {
  const identity = recall(system.files, MEMORY.identity)
  if (!identity) throw new Fault('NO_GUEST_ID')
  return identity.instance
}

/** The credential as it goes to the host. */
export function credential(system: System): Secret | undefined {
  const enrolment = recall(system.files, MEMORY.enrolment)
  return enrolment?.granted && new Secret(`${enrolment.instance}.${enrolment.secret}`)
}

/** Whose signature on a manifest counts. */
export function signingKeys(system: System): readonly SigningKey[] {
  return recall(system.files, MEMORY.enrolment)?.granted?.signing_keys ?? []
}

/**
 * Asks the host something in this instance's name.
 *
 * A connection that fails or a clock that is wrong sends the bring-up back to the network stage, a credential that is refused back to enrol.
 *
 * @throws Fault for everything but the statuses in `expected`
 */
export async function askHost(
  system: System,
  path: string,
  expected: readonly number[],
  more: Partial<Pick<HttpRequest, 'headers' | 'method' | 'json' | 'bearer' | 'timeout'>> = {},
): Promise<HttpAnswer> {
  const url = hostUrl(system)
  if (url === undefined) throw new Fault('HOST_SILENT')
  const bearer = more.bearer ?? credential(system)
  const ca = system.files.text(GUEST.ca)
  let answer: HttpAnswer
  try {
    answer = await system.http({ url: url + path, timeout: SILENCE, ...(ca === undefined ? {} : { ca }), ...(bearer ? { bearer } : {}), ...more })
  } catch (error) {
    forget(system.files, MEMORY.host)
    throw await hostFault(system, url, error as Error)
  }
  answer = { ...answer, body: told(system, url, answer.body) }
  await refuseWrongClock(system, url, answer)
  if (expected.includes(answer.status)) return answer
  throw await refused(system, url, path, answer)
}

/** Back to the network stage, which looks at clocks. */
async function refuseWrongClock(system: System, url: string, answer: HttpAnswer): Promise<void> {
  try {
    clockOff(system, url, answer)
  } catch (error) {
    forget(system.files, MEMORY.host)
    await leave(answer.body)
    throw error
  }
}

/** A body whose connection breaks in the middle ends with the Fault that says so. */
async function* told(system: System, url: string, body: HttpAnswer['body']): AsyncGenerator<Buffer> {
  try {
    yield* body
  } catch (error) {
    throw await hostFault(system, url, error as Error)
  }
}

/** Whether a fault says that the host could not be asked, so that going on without it is right. */
export function isAway(fault: unknown): boolean {
  const away: readonly FaultCode[] = ['NO_ROUTE', 'HOST_UNKNOWN', 'HOST_REFUSED', 'HOST_SILENT', 'HOST_FAILED']
  return fault instanceof Fault && away.includes(fault.code)
}

/** The code and words of a refusal, as far as the answer is one of ours. */
export async function refusalOf(answer: HttpAnswer): Promise<Refusal> {
  const text = (await readAll(answer.body, 64 * 1024)).toString('utf8')
  try {
    const value: unknown = JSON.parse(text)
    if (Value.Check(Refusal, value)) return value
  } catch {
    // Not JSON: then it is not ours, and its words are nobody's business.
  }
  return { code: '', message: '' }
}

/** Seconds after which the host wants to be asked again, where it says so (Retry-After; a date in it counts as nothing). */
export function leastWait({ headers }: HttpAnswer): number | undefined {
  const text = headers['retry-after'] ?? ''
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

/** What a status says that nobody expected. */
async function refused(system: System, url: string, path: string, answer: HttpAnswer): Promise<Fault> {
  const { code, message } = await refusalOf(answer)
  const details = { url, path, status: answer.status, ...(code === '' ? {} : { refusal: code }) }
  if (answer.status === 401 || answer.status === 403) {
    const enrolment = recall(system.files, MEMORY.enrolment)
    if (enrolment) remember(system.files, MEMORY.enrolment, { instance: enrolment.instance, secret: enrolment.secret })
    return new Fault('CREDENTIAL_REFUSED', details, message || 'the host does not accept it; it will be asked for a new one')
  }
  // It is there, so there is nothing to go on without: its turn comes.
  if (code === 'BUSY') return new Fault('HOST_BUSY', details, message, { wait: leastWait(answer) })
  if (answer.status >= 500 || answer.status === 429) return new Fault('HOST_FAILED', details, message || `status ${answer.status}`, { wait: leastWait(answer) })
  return new Fault('HOST_ANSWER_INVALID', details, message || `status ${answer.status} for ${path}`)
}

export const configPath = (instance: string): string => address(ROUTES.config, instance)
export const reportsPath = (instance: string): string => address(ROUTES.reports, instance)
