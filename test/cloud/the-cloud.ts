// One cloud for all files that run in this process: started when the first asks for it, ended with the process.
import { folder } from './enter.ts'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import root from 'tap'
import { baseImage, type BaseImage } from '../../lab/base-image.ts'
import { startCloud } from '../../lab/cloud/cloud.ts'
import { startHostBeside } from '../../lab/cloud/host-beside.ts'
import { hostCommands } from '../../lab/fault-lab/services.ts'
import { KERNEL_ARGUMENTS } from '../../lab/qemu-arguments.ts'
import { sshKeyPair } from '../../lab/ssh-key-pair.ts'
import { telling } from '../guests/telling.ts'
import { typist } from './typed.ts'

const progress = telling(root)
export const cloud = await startCloud(join(folder, 'cloud'), progress)
export const host = await startHostBeside(cloud, progress)

/** A unit's verbs, as systemd has them for whoever types systemctl. */
const units = {
  'trove-api': cloud.trove.api,
  'trove-conductor': cloud.trove.conductor,
  'trove-taskmanager': cloud.trove.taskmanager,
  'nova-compute': cloud.nova.compute,
  'rabbitmq-server': cloud.broker,
  'trovestrap-host': { start: () => host.start(), stop: () => host.stop(), reload: async () => host.reload() },
}
const commands = await hostCommands(folder, units, cloud.broker.env, host.configFile)

/** Types a command of an operator in this cloud, `trovestrap launch …` or another. */
export const type = typist({ ...cloud.env, PATH: `${commands.path}:/usr/sbin:/usr/bin:/sbin:/bin`, TROVESTRAP_CONFIG: host.configFile }, folder)

/** With the debug user `debug`, whose private key this is. */
export const image = join(folder, 'guest.qcow2')
export const debugKey = join(folder, 'debug-key')
export const base: BaseImage = await baseImage(() => {})

/** The words of `trovestrap image build` for it. */
export async function buildWords(from: string): Promise<string[]> {
  const pair = sshKeyPair()
  await writeFile(debugKey, pair.private, { mode: 0o600 })
  await writeFile(`${debugKey}.pub`, `${pair.public}\n`)
  return ['trovestrap', 'image', 'build', from, '-o', image, '--debug-user', 'debug', '--debug-key', `${debugKey}.pub`]
}

/** Options of `trovestrap image publish` for an image without a boot loader: it is booted with its base's kernel. */
export function bootWords({ kernel, initrd, root }: BaseImage, more = ''): string[] {
  return ['--kernel', kernel, '--initrd', initrd, '--os-command-line', `root=${root} ${KERNEL_ARGUMENTS} ${more}`.trim()]
}

/** The words of `trovestrap image publish` for it. */
export const publishWords = ['trovestrap', 'image', 'publish', image, '--datastore', 'mysql', '--version', '5.7.29', '--default', '--visibility', 'public', ...bootWords(base)]

/** For who needs a version that can be launched, and not the way there. */
export async function published(): Promise<void> {
  if (!existsSync(image)) await type.well(await buildWords(base.qcow2))
  await type.well(publishWords)
}

root.teardown(async () => {
  await commands[Symbol.asyncDispose]()
  await host[Symbol.asyncDispose]()
  await cloud[Symbol.asyncDispose]()
})
