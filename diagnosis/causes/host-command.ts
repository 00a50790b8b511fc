import type { Step } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { safeWord } from './safe-word.ts'

const USUAL = '/etc/trovestrap/config.yaml'

/** `trovestrap WORDS` on the host, with the configuration file that host-server there has. */
export function hostCommand({ evidence }: Facts, words: string): string {
  const file = safeWord(evidence.machine?.host_server.config_file)
  return file === undefined || file === USUAL ? `trovestrap ${words}` : `trovestrap --config ${file} ${words}`
}

/** host-server's configuration file as people call it. */
export function configFile({ evidence }: Facts): string {
  return evidence.machine?.host_server.config_file ?? USUAL
}

/** host-server reads its files again; one that did not start, or whose own settings have changed, has to be started again. */
export function takeOver({ evidence }: Facts): Step {
  const runs = evidence.machine?.host_server.listening !== false
  return { on: 'host', run: `systemctl ${runs ? 'reload' : 'restart'} trovestrap-host` }
}

export const RESTART_HOST: Step = { on: 'host', run: 'systemctl restart trovestrap-host' }
