import { readFileSync } from 'node:fs'
import got, { RequestError, type Got } from 'got'
import { address, ROUTES } from '../contract/routes.ts'
import type { InstanceDetail, InstanceList, InstanceView, Refreshed, Refusal } from '../contract/operator-view.ts'
import { CliError, EXIT } from './exit.ts'

export interface OperatorAccess {
  /** `https://host:port` */
  readonly url: string
  readonly caFile: string
  /** File with the operator token. */
  readonly tokenFile: string
}

export interface Health {
  readonly status: string
  readonly revision: string
}

/** What an operator asks host-server; every failure becomes one line that says what to type. */
export class OperatorClient {
  readonly #access: OperatorAccess
  readonly #got: Got

  /** @throws CliError when CA or token cannot be read */
  constructor(access: OperatorAccess) {
    this.#access = access
    this.#got = got.extend({
      prefixUrl: access.url,
      https: { certificateAuthority: read(access.caFile, 'CA certificate') },
      headers: { authorization: `Bearer ${read(access.tokenFile, 'operator token').trim()}` },
      timeout: { request: 5000 },
      retry: { limit: 0 },
    })
  }

  /** What host-server says of itself to everybody. */
  async health(): Promise<Health> {
    return await this.#ask<Health>(ROUTES.health)
  }

  async instances(): Promise<InstanceList> {
    return await this.#ask<InstanceList>(ROUTES.instances)
  }

  async instance(id: string): Promise<InstanceDetail> {
    return await this.#ask<InstanceDetail>(address(ROUTES.instance, id))
  }

  /** @param id of one guest; undefined: of all that follow */
  async refresh(id?: string): Promise<Refreshed> {
    return await this.#ask<Refreshed>(id === undefined ? ROUTES.refreshAll : address(ROUTES.refresh, id), 'post')
  }

  async hold(id: string): Promise<void> {
    await this.#ask(address(ROUTES.hold, id), 'post')
  }

  async release(id: string): Promise<void> {
    await this.#ask(address(ROUTES.release, id), 'post')
  }

  /** @param text an id, the beginning of one, or a name, when it fits one instance only */
  async find(text: string): Promise<InstanceView> {
    const { instances } = await this.instances()
    const fitting = instances.filter((view) => view.instance === text || view.name === text || view.instance.startsWith(text.toLowerCase()))
    if (fitting.length === 1) return fitting[0]!
    if (fitting.length === 0) {
      throw new CliError(`no instance here is called ${text}, or has not enrolled yet.\n  trovestrap status      lists those that have, and who was refused`, EXIT.failed)
    }
    throw new CliError(`${text} fits ${fitting.length} instances: ${fitting.map((view) => view.instance).join(', ')}.\n  Type more of the id.`)
  }

  async #ask<Answer>(route: string, method: 'get' | 'post' = 'get'): Promise<Answer> {
    try {
      const { body } = await this.#got(route.slice(1), { method })
      return (body === '' ? undefined : JSON.parse(body)) as Answer
    } catch (error) {
      throw this.#explained(error)
    }
  }

  #explained(error: unknown): CliError {
    // got's own error carries the whole request, the operator token with it, to whoever inspects it
    const options = { cause: new Error(error instanceof Error ? error.message : String(error)) }
    if (!(error instanceof RequestError)) return new CliError(`${this.#access.url}: ${String(error)}`, EXIT.failed, options)
    const refusal = error.response?.body as string | undefined
    if (error.response?.statusCode === 401) {
      return new CliError(`host-server refuses the operator token in ${this.#access.tokenFile}; it belongs to another state folder.`, EXIT.usage, options)
    }
    if (error.response) return new CliError(`host-server answered ${error.response.statusCode}: ${textOf(refusal)}`, EXIT.failed, options)
    if (/CERT|VERIFY|ALTNAME/.test(error.code)) {
      return new CliError(`what answers at ${this.#access.url} has no certificate of the CA in ${this.#access.caFile} (${error.code}): it serves another state folder.`, EXIT.usage, options)
    }
    const reason = error.code === 'ECONNREFUSED' ? 'connection refused' : error.message
    return new CliError(`host-server does not answer at ${this.#access.url}: ${reason}\n  trovestrap serve       starts it`, EXIT.failed, options)
  }
}

function textOf(body = ''): string {
  try {
    return (JSON.parse(body) as Refusal).message
  } catch {
    return body.slice(0, 200) || 'nothing'
  }
}

function read(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new CliError(`the ${what} cannot be read: ${(error as Error).message}\n  trovestrap init        makes it; --config FILE says which state folder is meant`, EXIT.usage, { cause: error })
  }
}
