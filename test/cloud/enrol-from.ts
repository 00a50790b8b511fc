import { readFileSync } from 'node:fs'
import got from 'got'
import { ROUTES } from '../../contract/routes.ts'
import { Secret } from '../../contract/secret.ts'
import { HOST } from '../../lab/cloud/network.ts'
import { stateFolder } from '../../host-server/state-folder.ts'
import { until } from '../../lab/until.ts'
import { host, type } from './the-cloud.ts'

/** What host-server says to who claims to be an instance, with a good token. */
export interface Enrolled {
  readonly status: number
  readonly code?: string
  readonly message?: string
}

/** Where OpenStack does not answer in time, a guest asks again; on two busy cores it may well not. */
const PATIENCE_MS = 180_000

/** @param address of this host, from which it is asked */
export async function enrolFrom(address: string, instance: string): Promise<Enrolled> {
  const token = (await type.well(['trovestrap', 'token', 'create', '--ttl', '1h'])).trim().split('\n').at(-1)!
  const decided = async () => {
    const answer = await ask(address, instance, token)
    return answer.code === 'ATTESTATION_UNDECIDED' ? undefined : answer
  }
  return await until(`OpenStack's word on ${instance}`, decided, { timeoutMs: PATIENCE_MS, everyMs: 2_000 })
}

async function ask(address: string, instance: string, token: string): Promise<Enrolled> {
  const { statusCode, body } = await got<{ code?: string; message?: string }>(`https://${HOST}:15555${ROUTES.enrol}`, {
    method: 'POST',
    https: { certificateAuthority: readFileSync(stateFolder(host.state).ca) },
    headers: { authorization: `Bearer ${token}` },
    json: { instance, key: Secret.random().sha256() },
    localAddress: address,
    responseType: 'json',
    throwHttpErrors: false,
    retry: { limit: 0 },
    timeout: { request: 30_000 },
  })
  const { code, message } = body
  return { status: statusCode, ...(code === undefined ? {} : { code }), ...(message === undefined ? {} : { message }) }
}
