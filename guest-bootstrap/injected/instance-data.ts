import { INSTANCE_ID } from '../../contract/credential.ts'
import { OsloConfig } from '../../contract/oslo-config.ts'
import { GUEST } from '../../contract/paths.ts'
import type { Files, System } from '../system.ts'
import { readConfigDrive, type InstanceData } from './config-drive.ts'
import { readMetadataService } from './metadata-service.ts'
import { injectedFiles, type InjectedFile } from './user-data.ts'

/** What the instance's own data says about who it is and where its host may be. */
export interface Injected {
  readonly from: InstanceData['from']
  readonly instance: string | undefined
  readonly urls: readonly string[]
}

/** From the config drive, else the metadata service. */
export async function instanceData(system: System): Promise<InstanceData | undefined> {
  return (await readConfigDrive(system)) ?? (await readMetadataService(system))
}

export async function injectedIn(data: InstanceData): Promise<Injected> {
  const meta = metaOf(data.metaData)
  const instance = valid(meta['trove_instance_id']) ?? guestIdIn(data.userData === undefined ? [] : await injectedFiles(data.userData))
  return { from: data.from, instance, urls: urlsIn(meta['trovestrap_url']) }
}

// What cloud-init has read it keeps, so the drive need not be mounted again.
const CLOUD_INIT = ['/run/cloud-init/instance-data-sensitive.json', '/run/cloud-init/instance-data.json']

/** Addresses of the host in the metadata, as cloud-init has left it; undefined when there is no cloud-init. */
export function urlsFromCloudInit(files: Files): string[] | undefined {
  const text = keptByCloudInit(files)
  return text === undefined ? undefined : urlsIn(/"trovestrap_url":\s*"([^"]*)"/.exec(text)?.[1])
}

/** The bootstrap token in the metadata, as cloud-init has left it. Unchecked. */
export function tokenFromCloudInit(files: Files): string | undefined {
  return /"trovestrap_token":\s*"([^"]*)"/.exec(keptByCloudInit(files) ?? '')?.[1]
}

/** The bootstrap token in the metadata. Unchecked. */
export function tokenIn({ metaData }: InstanceData): string | undefined {
  const { trovestrap_token: token } = metaOf(metaData)
  return typeof token === 'string' ? token : undefined
}

/** The bootstrap token in a file that cloud-init was to write. Unchecked. */
export async function tokenToBeWritten({ userData }: InstanceData): Promise<string | undefined> {
  const files = userData === undefined ? [] : await injectedFiles(userData)
  return files.find(({ path }) => path === GUEST.token)?.content.toString('utf8')
}

const keptByCloudInit = (files: Files): string | undefined => CLOUD_INIT.map((path) => files.text(path)).find((text) => text !== undefined)

const urlsIn = (value: unknown): string[] => (typeof value === 'string' ? value.split(/[\s,]+/).filter((one) => one !== '') : [])

/** guest_id as a guest_info.conf has it. @throws OsloConfigError */
export function guestIdOf(text: string, name: string): string | undefined {
  return valid(OsloConfig.parse(text, name).get('DEFAULT', 'guest_id'))
}

function guestIdIn(files: readonly InjectedFile[]): string | undefined {
  for (const path of GUEST.guestInfo) {
    const file = files.find((file) => file.path === path)
    try {
      if (file) return guestIdOf(file.content.toString('utf8'), path)
    } catch {
      return undefined
    }
  }
  return undefined
}

function metaOf(bytes: Buffer | undefined): Record<string, unknown> {
  try {
    return ((JSON.parse(bytes?.toString('utf8') ?? '') as { meta?: Record<string, unknown> } | null)?.meta) ?? {}
  } catch {
    return {}
  }
}

function valid(value: unknown): string | undefined {
  const id = typeof value === 'string' ? value.trim().toLowerCase() : ''
  return INSTANCE_ID.test(id) ? id : undefined
}
