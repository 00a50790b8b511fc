import { scrub } from '../contract/scrub.ts'
import type { Secret } from '../contract/secret.ts'
import { addressOf } from './catalogue.ts'
import { CloudError } from './cloud-error.ts'
import { ask, type Answer, type Method, type Patience } from './http/ask.ts'
import { said } from './http/said.ts'
import type { Body } from './http/upload.ts'
import { trustOf, type Trust } from './http/trust.ts'
import { logIn, type Session } from './identity/log-in.ts'
import { SERVICES, secretOf, type CloudSettings, type ServiceType } from './settings/cloud-settings.ts'
import { untilAborted } from './until-aborted.ts'

/** Milliseconds. Everybody who asks waits for the same login, which therefore gets as long as a hurried one has, or as the first who asks has. */
const LOGIN = 4_000
const LONGEST_LOGIN = 60_000

/** Milliseconds that a token has to live for a transfer to be begun with it. */
const LASTS = 900_000

/** Tokens that are remembered so that they are never printed; older ones have run out. */
const TOKENS = 8

export interface CloudCall {
  readonly service: ServiceType
  /** Below the service's address, with a slash at its beginning; already escaped. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** POST where there is a body, otherwise GET. */
  readonly method?: Method
  readonly json?: unknown
  /** In place of `json`; sent again from its beginning where the first token was refused. */
  readonly body?: Body
}

function methodOf({ method, json, body }: CloudCall): Method {
  return method ?? (json === undefined && body === undefined ? 'GET' : 'POST')
}

/** One cloud: logs in when it is first asked, once for all who ask, and again when the token is no longer good. */
export class Cloud {
  readonly settings: CloudSettings
  readonly #trust: Trust
  #tokens: readonly Secret[] = []
  #session: Promise<Session> | undefined

  /** Asks nothing yet. @throws CloudError when the CA file cannot be read */
  constructor(settings: CloudSettings) {
    this.settings = settings
    this.#trust = trustOf(settings)
  }

  /** What must never be printed, by value. */
  get secrets(): string[] {
    return [secretOf(this.settings.login), ...this.#tokens].map((secret) => secret.reveal())
  }

  /** Who is logged in. @throws CloudError */
  async session(patience: Patience): Promise<Session> {
    // It has a deadline of its own: the first who asks may give up earlier than the others.
    this.#session ??= this.#logIn(Math.min(LONGEST_LOGIN, Math.max(LOGIN, patience.until - Date.now())))
    return await untilAborted(this.#session, patience.signal, 'Keystone')
  }

  /** Any status is an answer, 401 after a fresh login too. @throws CloudError when there is no answer */
  async call(call: CloudCall, patience: Patience): Promise<Answer> {
    if (call.body !== undefined) await this.#renewOld(patience)
    const session = await this.session(patience)
    const answer = await this.#ask(call, session, patience)
    if (answer.status !== 401) return answer
    await this.#renew(session)
    return await this.#ask(call, await this.session(patience), patience)
  }

  /** The body of a 2xx. @throws CloudError with `status` for every other */
  async read(call: CloudCall, patience: Patience): Promise<unknown> {
    const answer = await this.call(call, patience)
    if (answer.status >= 200 && answer.status < 300) return answer.body
    throw this.refusal(call, answer)
  }

  /** An answer that does not help, as an error. */
  refusal(call: CloudCall, answer: Answer): CloudError {
    const { service, path } = call
    const { status } = answer
    const what = `${SERVICES[service]} answers ${methodOf(call)} ${path.split('?')[0]} with ${status}: ${scrub(said(answer), this.secrets)}`
    return new CloudError(status === 401 || status === 403 ? `${what}; this wants a user with the role admin: export OS_CLOUD=…` : what, { status })
  }

  #logIn(time: number): Promise<Session> {
    const session = logIn(this.settings, this.#trust, { signal: AbortSignal.timeout(time), until: Date.now() + time })
    session.then(
      ({ token }) => (this.#tokens = [...this.#tokens.slice(1 - TOKENS), token]),
      // Who asks in the same breath hears the same refusal; later it is worth another try.
      () => setTimeout(() => (this.#session = undefined), LOGIN).unref(),
    )
    return session
  }

  async #ask(call: CloudCall, { token, catalogue }: Session, patience: Patience): Promise<Answer> {
    const { service, path, headers = {}, json, body } = call
    const url = addressOf(service, catalogue, this.settings) + path
    return await ask({ service: SERVICES[service], method: methodOf(call), url, headers: { ...headers, 'x-auth-token': token.reveal() }, ...(json === undefined ? {} : { json }), ...(body === undefined ? {} : { body }), trust: this.#trust }, patience)
  }

  /** What is begun with a token that runs out in the middle may be refused at its end. */
  async #renewOld(patience: Patience): Promise<void> {
    const session = await this.session(patience)
    if (session.expires - Date.now() < LASTS) await this.#renew(session)
  }

  /** Once for all whose token is the old one. */
  async #renew(old: Session): Promise<void> {
    const current = this.#session
    if ((await current) === old && this.#session === current) this.#session = undefined
  }
}
