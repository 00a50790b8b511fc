import { Fault } from '../contract/fault.ts'
import { imageConfig } from './image-config.ts'
import type { Files, Owner } from './system.ts'

/** As whom the Trove agent runs. @throws Fault AGENT_USER_MISSING, IMAGE_CONFIG_INVALID */
export function agentUser(files: Files): Owner & { readonly name: string } {
  const { user } = imageConfig(files).agent
  const line = (files.text('/etc/passwd') ?? '').split('\n').find((line) => line.startsWith(`${user}:`))
  const [name, , uid, gid] = line?.split(':') ?? []
  if (name === undefined) throw new Fault('AGENT_USER_MISSING', { user }, `useradd --system ${user}`)
  return { name, uid: Number(uid), gid: Number(gid) }
}
