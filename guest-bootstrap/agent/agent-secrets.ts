import { agentConfig, type AgentConfig } from '../agent-config.ts'
import { parseTransportUrl } from '../../contract/transport-url.ts'
import type { Files } from '../system.ts'

/** What a traceback of the agent could quote; of a configuration that cannot be read the agent has no secret to quote. */
export function agentSecrets(files: Files): string[] {
  let config: AgentConfig
  try {
    config = agentConfig(files)
  } catch {
    return []
  }
  const key = config.get('DEFAULT', 'instance_rpc_encr_key')
  return [...passwordsIn(config.get('DEFAULT', 'transport_url') ?? ''), ...(key === undefined ? [] : [key])]
}

function passwordsIn(url: string): string[] {
  try {
    return parseTransportUrl(url).hosts.map(({ password }) => password.reveal())
  } catch {
    // What cannot be taken apart is secret as a whole.
    return [url]
  }
}
