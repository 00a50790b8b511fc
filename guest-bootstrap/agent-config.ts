import { effective, OsloConfig } from '../contract/oslo-config.ts'
import { Fault } from '../contract/fault.ts'
import { GUEST } from '../contract/paths.ts'
import type { Files } from './system.ts'

export type AgentConfig = Pick<OsloConfig, 'get'>

/** The files that `--config-dir` gives the agent, in oslo.config's order. */
export function configFiles(files: Files): string[] {
  return files.list(GUEST.confDir).filter((name) => name.endsWith('.conf')).map((name) => `${GUEST.confDir}/${name}`)
}

/** What the agent will see: Trove's injected files and ours behind them. @throws Fault CONFIG_INVALID with file and line */
export function agentConfig(files: Files): AgentConfig {
  return effective(configFiles(files).map((path) => parseConfig(files.text(path) ?? '', path)))
}

export function parseConfig(text: string, path: string): OsloConfig {
  try {
    return OsloConfig.parse(text, path)
  } catch (error) {
    throw new Fault('CONFIG_INVALID', { path }, (error as Error).message, { cause: error })
  }
}
