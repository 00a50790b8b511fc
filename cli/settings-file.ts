import { accessSync, constants } from 'node:fs'
import type { Command } from 'commander'
import { findSettingsFile, usualPlaces } from '../host-server/settings/find-file.ts'
import { loadSettings, SettingsError, type LoadOptions, type Settings } from '../host-server/settings.ts'
import { CliError, EXIT } from './exit.ts'

/** The file that --config, the environment or the usual places name. @throws CliError when there is none */
export function settingsFile(command: Command): string {
  const file = findSettingsFile(command.optsWithGlobals<{ config?: string }>().config)
  if (file !== undefined) return file
  throw new CliError(`there is no configuration file (looked for ${usualPlaces().join(', ')}).\n  trovestrap init        writes one`)
}

/**
 * For a verb that only knows more with them.
 * @returns undefined where there is no file, or only a usual one that this user may not read
 */
export function settingsAtHand(command: Command, consequence: string): Settings | undefined {
  const named = command.optsWithGlobals<{ config?: string }>().config ?? (process.env['TROVESTRAP_CONFIG'] || undefined)
  const file = findSettingsFile(named)
  return file === undefined || (named === undefined && !mayRead(file)) ? undefined : settingsOrExplain(file, consequence)
}

/**
 * Loads it, with every fault as one message.
 * @param consequence what the faults mean for this verb: `nothing was started`
 */
export function settingsOrExplain(file: string, consequence: string, options: LoadOptions = {}): Settings {
  try {
    return loadSettings(file, options)
  } catch (error) {
    if (error instanceof SettingsError) throw new CliError(error.explain(consequence), EXIT.usage, { cause: error })
    throw error
  }
}

function mayRead(file: string): boolean {
  try {
    accessSync(file, constants.R_OK)
    return true
  } catch {
    return false
  }
}
