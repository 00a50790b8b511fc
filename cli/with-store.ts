import { userInfo } from 'node:os'
import type { Command } from 'commander'
import { diskTrouble } from '../host-server/disk-trouble.ts'
import { isThere } from '../host-server/settings/find-file.ts'
import type { Settings } from '../host-server/settings.ts'
import { stateFolder } from '../host-server/state-folder.ts'
import { openStore } from '../host-server/store/open-store.ts'
import type { Store } from '../host-server/store/store.ts'
import { CliError } from './exit.ts'
import { explainSetup } from './explain-setup.ts'
import { settingsFile, settingsOrExplain } from './settings-file.ts'

/** Opens this host's state for one verb, beside a host-server that may be running. @throws CliError when there is none yet */
export async function withStore<T>(command: Command, work: (store: Store, settings: Settings) => T): Promise<T> {
  const settings = settingsOrExplain(settingsFile(command), 'nothing was changed')
  const { database } = stateFolder(settings.state)
  if (!isThere(database)) throw new CliError(`${settings.state} is not initialised.\n  trovestrap init        makes keys, first token and database`)
  return explainSetup(() => {
    const store = openStore(database, `${operatorName()} on this host`)
    try {
      return work(store, settings)
    } catch (error) {
      const trouble = diskTrouble(error)
      throw trouble === undefined ? error : new CliError(`nothing was changed: the disk of ${settings.state} ${trouble}`, undefined, { cause: error })
    } finally {
      store.close()
    }
  })
}

/** For the audit log: who typed it, where sudo tells. */
function operatorName(): string {
  const { SUDO_USER: behind } = process.env
  try {
    const { username } = userInfo()
    return behind === undefined || behind === username ? username : `${behind} as ${username}`
  } catch {
    return `uid ${process.getuid?.()}`
  }
}
