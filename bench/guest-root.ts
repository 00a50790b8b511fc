import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { GUEST } from '../contract/paths.ts'

/** What image and cloud have put into a guest before its daemon starts. */
export interface Injected {
  readonly instance: string
  readonly url: string
  /** PEM. */
  readonly ca: string
  /** Bootstrap token. */
  readonly token: string
}

/** Path and text of each file. */
export function injectedFiles({ instance, url, ca, token }: Injected): Readonly<Record<string, string>> {
  return {
    [GUEST.config]: JSON.stringify({ format: 1, urls: [url], agent: { user: 'trove' } }),
    [GUEST.ca]: ca,
    [GUEST.guestInfo[0]]: `[DEFAULT]\nguest_id = ${instance}\ndatastore_manager = mysql\n`,
    // Injected by the cloud, and cloud-init has run: no drive of this machine is looked for.
    [GUEST.token]: token,
    '/run/cloud-init/instance-data-sensitive.json': '{}',
    [GUEST.console]: '',
  }
}

/**
 * @param root an empty folder
 * @param memory a folder in memory for its /run, which lies there in every guest: what is flushed there costs nothing
 */
export function layGuest(root: string, injected: Injected, memory?: string): void {
  if (memory !== undefined) {
    mkdirSync(join(memory, injected.instance))
    symlinkSync(join(memory, injected.instance), join(root, 'run'))
  }
  for (const [path, text] of Object.entries(injectedFiles(injected))) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text, { mode: 0o600 })
  }
}
