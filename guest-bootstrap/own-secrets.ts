import { secretsIn } from '../contract/known-secrets.ts'
import { OsloConfig } from '../contract/oslo-config.ts'
import { configFiles } from './agent-config.ts'
import { MEMORY, recall } from './memory.ts'
import type { Files } from './system.ts'

/** What this guest knows and must not say, whoever quotes it: a traceback of the agent, pip, a broker. */
export function ownSecrets(files: Files): string[] {
  const own = recall(files, MEMORY.enrolment)?.secret
  return [...(own === undefined ? [] : [own]), ...secretsIn(configFiles(files).flatMap((path) => parsed(files.text(path) ?? '', path)))]
}

/** Of a file that cannot be read nobody has read a secret. */
function parsed(text: string, path: string): OsloConfig[] {
  try {
    return [OsloConfig.parse(text, path)]
  } catch {
    return []
  }
}
