import type { Step } from '../cause.ts'
import type { Evidence } from '../evidence.ts'
import type { Facts } from '../facts.ts'
import { safeWord } from './safe-word.ts'

const USUAL = '/etc/trovestrap/config.yaml'

/** `trovestrap WORDS` on the host, with the configuration file that host-server there has. */
export function hostCommand({ evidence }: Facts, words: string): string {
  const file = safeWord(evidence.machine?.host_server.config_file)
  return file === undefined || file === USUAL ? `trovestrap ${words}` : `trovestrap --config ${file} ${words}`
}

/** host-server's configuration file as people call it. */
export function configFile(evidence: Evidence): string {
  return evidence.machine?.host_server.config_file ?? USUAL
}

/** Needed where names or port have changed: those count from its next start. */
export const RESTART_HOST: Step = { on: 'host', run: 'systemctl restart trovestrap-host' }
