import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './run.ts'

export interface ConfigDrive {
  /** Nova's uuid of the server. */
  readonly id: string
  readonly name: string
  readonly userData: string
  /** OpenSSH lines. */
  readonly publicKeys: readonly string[]
  /** Nova's metadata of the server; trove-taskmanager sets trove_instance_id and others. */
  readonly meta: Readonly<Record<string, string>>
}

/** Writes the ISO image that Nova attaches with `config_drive`: label config-2, folder openstack/latest. */
export async function writeConfigDrive(iso: string, drive: ConfigDrive): Promise<void> {
  const content = `${iso}.content`
  const latest = join(content, 'openstack', 'latest')
  await mkdir(latest, { recursive: true, mode: 0o700 })
  try {
    await writeFile(join(latest, 'meta_data.json'), metaData(drive))
    await writeFile(join(latest, 'user_data'), drive.userData)
    await run(['genisoimage', '-quiet', '-J', '-r', '-V', 'config-2', '-o', iso, content])
  } finally {
    await rm(content, { recursive: true, force: true })
  }
}

/** @returns the text of meta_data.json */
export function metaData({ id, name, publicKeys, meta }: Omit<ConfigDrive, 'userData'>): string {
  return JSON.stringify({
    uuid: id,
    name,
    hostname: `${name}.novalocal`,
    availability_zone: 'nova',
    launch_index: 0,
    public_keys: Object.fromEntries(publicKeys.map((key, index) => [`key-${index}`, key])),
    meta,
  })
}
