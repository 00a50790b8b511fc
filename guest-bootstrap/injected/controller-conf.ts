import { DEFAULT_PORT, GUEST } from '../../contract/paths.ts'
import type { Files } from '../system.ts'

/**
 * Where host-server may be, as /etc/trove/controller.conf has it: `TROVESTRAP_URL=https://host:port`, else `CONTROLLER=host`,
 * which Trove's taskmanager injects from controller_address. In systemd's EnvironmentFile form.
 */
export function controllerUrls(files: Files): string[] {
  const text = files.text(GUEST.controllerConf) ?? ''
  const values = new Map(
    [...text.matchAll(/^[ \t]*([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name!, value!.trim().replace(/^(["'])(.*)\1$/, '$2')]),
  )
  const urls = (values.get('TROVESTRAP_URL') ?? '').split(/[\s,]+/).filter((url) => url !== '')
  const controller = values.get('CONTROLLER') ?? ''
  if (/^[A-Za-z0-9.-]+$/.test(controller)) urls.push(`https://${controller}:${DEFAULT_PORT}`)
  else if (/^[0-9a-f:]+$/i.test(controller)) urls.push(`https://[${controller}]:${DEFAULT_PORT}`)
  return urls
}
