import { GUEST } from '../../contract/paths.ts'
import { ProgramError, type System } from '../system.ts'

/** What Nova gives an instance about itself, as it lies on a config drive or comes from the metadata service. */
export interface InstanceData {
  readonly from: 'config drive' | 'metadata service'
  readonly metaData: Buffer | undefined
  readonly userData: Buffer | undefined
}

const LABELS = ['config-2', 'CONFIG-2']
const MOUNT_POINT = `${GUEST.runtime}/config-drive`

/** @returns undefined when this instance has no config drive */
export async function readConfigDrive(system: System): Promise<InstanceData | undefined> {
  const device = await findDevice(system)
  if (device === undefined) return undefined
  const mounted = mountPoint(system, device)
  if (mounted !== undefined) return readFolder(system, mounted)
  system.files.folder(MOUNT_POINT, { mode: 0o700 })
  if ((await system.run('mount', ['-o', 'ro,nosuid,nodev,noexec', device, MOUNT_POINT])).code !== 0) return undefined
  try {
    return readFolder(system, MOUNT_POINT)
  } finally {
    await system.run('umount', [MOUNT_POINT])
  }
}

async function findDevice(system: System): Promise<string | undefined> {
  const known = LABELS.map((label) => `/dev/disk/by-label/${label}`).find((path) => system.files.stat(path) !== undefined)
  if (known !== undefined) return known
  try {
    for (const label of LABELS) {
      const { code, stdout } = await system.run('blkid', ['-t', `LABEL=${label}`, '-o', 'device'])
      if (code === 0 && stdout.trim() !== '') return stdout.trim().split('\n')[0]
    }
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error
  }
  return undefined
}

function mountPoint(system: System, device: string): string | undefined {
  const target = system.files.link(device)
  const name = target === undefined ? device : `/dev/${target.split('/').at(-1)}`
  const line = (system.files.text('/proc/mounts') ?? '').split('\n').find((line) => line.startsWith(`${name} `))
  return line?.split(' ')[1]?.replaceAll('\\040', ' ')
}

function readFolder({ files }: System, folder: string): InstanceData {
  return {
    from: 'config drive',
    metaData: files.bytes(`${folder}/openstack/latest/meta_data.json`),
    userData: files.bytes(`${folder}/openstack/latest/user_data`),
  }
}
