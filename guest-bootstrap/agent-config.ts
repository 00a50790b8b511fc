import { effective, OsloConfig } from '../contract/oslo-config.ts'
import { Fault } from '../contract/fault.ts'
import { GUEST } from '../contract/paths.ts'
import type { Details } from '../contract/report.ts'
import type { Files } from './system.ts'

export interface AgentConfig extends Pick<OsloConfig, 'get'> {
  /** Path of the file that the effective value comes from. */
  origin(section: string, key: string): string | undefined
}

/** The files that `--config-dir` gives the agent, in oslo.config's order. */
export function configFiles(files: Files): string[] {
  return files.list(GUEST.confDir).filter((name) => name.endsWith('.conf')).map((name) => `${GUEST.confDir}/${name}`)
}

/** What the agent will see: Trove's injected files and ours behind them. @throws Fault CONFIG_INVALID with file and line */
export function agentConfig(files: Files): AgentConfig {
  const parsed = configFiles(files).map((path) => ({ path, config: parseConfig(files.text(path) ?? '', path) }))
  return {
    ...effective(parsed.map(({ config }) => config)),
    origin: (section, key) => parsed.findLast(({ config }) => config.get(section, key) !== undefined)?.path,
  }
}

export function parseConfig(text: string, path: string): OsloConfig {
  try {
    return OsloConfig.parse(text, path)
  } catch (error) {
    throw new Fault('CONFIG_INVALID', { path, ...fileOf(path) }, (error as Error).message, { cause: error })
  }
}

/** Which file an option comes from, as a detail of a fault: only where it is not the one that the host serves. */
export function fileOf(path: string | undefined): Details {
  return path === undefined || path === GUEST.servedConfig ? {} : { config: path.slice(path.lastIndexOf('/') + 1) }
}
