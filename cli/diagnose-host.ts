import { isIP } from 'node:net'
import { ownAddresses } from '../diagnosis/collect/machine/own-addresses.ts'
import { isLoopback } from '../diagnosis/causes/loopback.ts'
import { findSettingsFile, isThere, usualPlaces } from '../host-server/settings/find-file.ts'
import { loadSettings, SettingsError, type Settings } from '../host-server/settings.ts'
import { stateFolder } from '../host-server/state-folder.ts'
import { CliError } from './exit.ts'
import { OperatorClient } from './operator-client.ts'
import { readTroveConf, type TroveConf } from './trove-conf.ts'
import type { DiagnoseOptions } from './diagnose-options.ts'

/** What this host is configured with, so far as it is; what is missing says why, in a few words. */
export interface Host {
  readonly settingsFile?: string
  readonly settings?: Settings
  readonly client: OperatorClient | string
  readonly trove: TroveConf | string
  readonly troveConf: string
  readonly guestConfig?: string
  /** Addresses by which guests reach this host and that none of its interfaces has (a NAT gives them): from here they are loopback. */
  readonly aliases: Readonly<Record<string, string>>
}

const TROVE_CONF = '/etc/trove/trove.conf'
const LOOPBACK = '127.0.0.1'

/** Nothing that is missing or broken ends it. @param named configuration file by --config */
export function hostOf(named: string | undefined, { url, troveConf }: DiagnoseOptions): Host {
  const wanted = findSettingsFile(named)
  // One that is not there says nothing of a host-server; whoever mistyped it reads so.
  const settingsFile = wanted !== undefined && isThere(wanted) ? wanted : undefined
  const settings = settingsFile === undefined ? missing(wanted) : settingsOf(settingsFile)
  const known = typeof settings === 'string' ? undefined : settings
  const path = troveConf ?? known?.guest_config.trove_conf ?? TROVE_CONF
  return {
    ...(settingsFile === undefined ? {} : { settingsFile }),
    ...(known === undefined ? {} : { settings: known, guestConfig: known.guest_config.path }),
    client: typeof settings === 'string' ? settings : clientOf(settings, url),
    trove: readTroveConf(path),
    troveConf: path,
    aliases: aliasesOf(known?.names ?? []),
  }
}

function missing(wanted: string | undefined): string {
  return wanted === undefined ? `no configuration file here (looked for ${usualPlaces().join(', ')})` : `there is no ${wanted}`
}

function settingsOf(file: string): Settings | string {
  try {
    return loadSettings(file)
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    return `${file}: ${error.faults.map(({ key, problem }) => `${key} ${problem}`).join('; ')}`
  }
}

function clientOf({ listen, state }: Settings, url: string | undefined): OperatorClient | string {
  const { ca, operatorToken } = stateFolder(state)
  try {
    return new OperatorClient({ url: url ?? `https://${LOOPBACK}:${listen.port}`, caFile: ca, tokenFile: operatorToken })
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    return error.message.split('\n')[0]!
  }
}

function aliasesOf(names: readonly string[]): Record<string, string> {
  const own = new Set(ownAddresses())
  return Object.fromEntries(names.filter((name) => isIP(name) !== 0 && !own.has(name) && !isLoopback(name)).map((name) => [name, LOOPBACK]))
}
