import { readAll } from '../read-all.ts'
import type { System } from '../system.ts'
import type { InstanceData } from './config-drive.ts'

const ADDRESS = 'http://169.254.169.254/openstack/latest'
/** Milliseconds. Where there is no metadata service, often nothing answers at all. */
const SILENCE = 2000
const LIMIT = 1024 * 1024

/** @returns undefined when no metadata service answers */
export async function readMetadataService(system: System): Promise<InstanceData | undefined> {
  const metaData = await get(system, `${ADDRESS}/meta_data.json`)
  if (metaData === undefined) return undefined
  return { from: 'metadata service', metaData, userData: await get(system, `${ADDRESS}/user_data`) }
}

async function get(system: System, url: string): Promise<Buffer | undefined> {
  try {
    const answer = await system.http({ url, timeout: SILENCE })
    const body = await readAll(answer.body, LIMIT)
    return answer.status === 200 ? body : undefined
  } catch {
    return undefined
  }
}
