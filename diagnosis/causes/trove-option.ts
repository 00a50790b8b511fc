import type { Step } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { safeWord } from './safe-word.ts'

/** Sets an option in the control plane's trove.conf and lets trove-taskmanager read it, which is who injects files and waits for guests. */
export function setTroveOption({ evidence }: Facts, option: string, value: string): Step[] {
  const file = safeWord(evidence.machine?.trove_conf?.file.path) ?? '/etc/trove/trove.conf'
  return [{ on: 'host', run: `crudini --set ${file} DEFAULT ${option} ${value}` }, RESTART_TASKMANAGER]
}

export const RESTART_TASKMANAGER: Step = { on: 'host', run: 'systemctl restart trove-taskmanager', say: 'its unit has other names too: openstack-trove-taskmanager, devstack@tr-tmgr' }

/** Files are injected once, when the server is made. */
export const MAKE_AGAIN: Step = { on: 'cloud', say: 'delete the instance and create it again: Trove injects its files only into a new server' }
