import { createHash } from 'node:crypto'
import { INSTANCE_ID } from '../../contract/credential.ts'
import { Fault } from '../../contract/fault.ts'
import { GUEST } from '../../contract/paths.ts'
import { agentConfig, configFiles, fileOf, parseConfig } from '../agent-config.ts'
import { agentUser } from '../agent-user.ts'
import { askHost, configPath, hostUrl, instanceId, isAway } from '../host.ts'
import { restoreInjected } from '../injected/restore-injected.ts'
import { MEMORY, recall, remember } from '../memory.ts'
import { readAll } from '../read-all.ts'
import type { Stage } from '../stage.ts'
import type { Files, System } from '../system.ts'

const LARGEST_CONFIG = 1024 * 1024
const [GUEST_INFO, OLD_GUEST_INFO] = GUEST.guestInfo

/** The host's trove-guestagent.conf behind what Trove injected; all of it for the agent's eyes only. */
export const configure: Stage = {
  name: 'configure',
  purpose: "write the agent's configuration and close it to everybody else",

  async done(system) {
    const { files } = system
    if (files.stat(GUEST_INFO) === undefined || !isClosed(files)) return false
    if (hostUrl(system) === undefined) return `${namesOf(files)}${ALONE}`
    const served = recall(files, MEMORY.served)
    if (!served || served.sha256 !== digest(files)) return false
    try {
      const answer = await askHost(system, configPath(instanceId(system)), [200, 304], { headers: { 'if-none-match': served.etag } })
      await readAll(answer.body, LARGEST_CONFIG)
      return answer.status === 304
    } catch (error) {
      if (isAway(error)) return true
      throw error
    }
  },

  async run(system) {
    const { files } = system
    const owner = agentUser(files)
    const restored = await restoreInjected(system)
    const old = files.bytes(OLD_GUEST_INFO)
    // The agent reads one folder; the file of older Troves lies outside it.
    if (files.stat(GUEST_INFO) === undefined && old) files.write(GUEST_INFO, old, { mode: 0o600, owner })
    const alone = hostUrl(system) === undefined
    if (!alone) await takeServed(system, owner)
    for (const path of configFiles(files)) files.own(path, { mode: 0o600, owner })
    if (old) files.own(OLD_GUEST_INFO, { mode: 0o600, owner })
    // An option that cannot be read would end the agent at its start; here it has a name and a line.
    const config = agentConfig(files)
    const id = config.get('DEFAULT', 'guest_id')?.trim().toLowerCase()
    if (id !== instanceId(system)) {
      throw new Fault('CONFIG_INVALID', { path: GUEST.confDir, ...fileOf(config.origin('DEFAULT', 'guest_id')) }, `the agent would read ${id === undefined ? 'no guest_id' : INSTANCE_ID.test(id) ? `guest_id ${id}` : 'a guest_id that is none'} there; expected ${instanceId(system)}`)
    }
    return namesOf(files) + (alone ? ALONE : '') + (restored.length === 0 ? '' : ` · cloud-init had not written ${restored.join(', ')}`)
  },
}

const ALONE = ' · without asking the host for its part'

const namesOf = (files: Files): string => configFiles(files).map((path) => path.split('/').at(-1)).join(', ')

async function takeServed(system: System, owner: { uid: number; gid: number }): Promise<void> {
  const answer = await askHost(system, configPath(instanceId(system)), [200])
  const text = (await readAll(answer.body, LARGEST_CONFIG)).toString('utf8')
  parseConfig(text, GUEST.servedConfig)
  system.files.write(GUEST.servedConfig, text, { mode: 0o600, owner })
  remember(system.files, MEMORY.served, { etag: answer.headers['etag'] ?? '', sha256: digest(system.files) })
}

function digest(files: Files): string {
  return createHash('sha256').update(files.bytes(GUEST.servedConfig) ?? '').digest('hex')
}

function isClosed(files: Files): boolean {
  const { uid } = agentUser(files)
  return configFiles(files).every((path) => {
    const stat = files.stat(path)
    return stat?.mode === 0o600 && stat.uid === uid
  })
}
