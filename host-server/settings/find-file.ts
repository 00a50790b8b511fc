import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where a configuration file is looked for, in this order, when neither --config nor TROVESTRAP_CONFIG names one. */
export function usualPlaces(): string[] {
  return [resolve('trovestrap.yaml'), join(homedir(), '.config/trovestrap/config.yaml'), '/etc/trovestrap/config.yaml']
}

/**
 * @param named by --config
 * @returns an absolute path; it exists unless it was named by flag or environment; undefined when nothing was named and nothing found
 */
export function findSettingsFile(named: string | undefined, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const given = named ?? (env['TROVESTRAP_CONFIG'] || undefined)
  if (given !== undefined) return resolve(given)
  return usualPlaces().find(isThere)
}

/** Also where nobody may look: who took it for absent would go on as if this host had none. */
export function isThere(path: string): boolean {
  try {
    statSync(path)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code !== 'ENOENT' && code !== 'ENOTDIR'
  }
}
