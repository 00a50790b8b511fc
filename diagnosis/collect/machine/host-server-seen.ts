import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readIdentity } from '../../../host-server/pki/read-identity.ts'
import { loadSettings, SettingsError, type Settings } from '../../../host-server/settings.ts'
import { stateFolder } from '../../../host-server/state-folder.ts'
import type { MachineSeen } from '../../evidence.ts'

type HostServerSeen = MachineSeen['host_server']
type Fault = HostServerSeen['faults'][number]

/** host-server as it would start now: its settings, its state, its certificate. The settings are there unless their form is faulty. */
export function hostServerSeen(settingsFile: string | undefined, listening: MachineSeen['listening'], now = new Date()): { seen: HostServerSeen; settings?: Settings } {
  if (settingsFile === undefined) return { seen: { configured: false, faults: [] } }
  const { settings, faults } = settingsOf(settingsFile)
  if (settings === undefined) return { seen: { configured: true, config_file: settingsFile, faults } }
  const { listen, names, state, source } = settings
  const certificate = certificateOf(state)
  return {
    settings,
    seen: {
      ...{ configured: true, config_file: settingsFile, port: listen.port, names: [...names], source: source.path, state },
      listening: listening.some(({ address, port }) => port === listen.port && (isAny(address) || isAny(listen.address) || address === listen.address)),
      faults: [...faults, ...identityFaults(state, now)],
      ...(certificate === undefined ? {} : { certificate }),
    },
  }
}

/** What is wrong with paths alone leaves settings that can be looked at further. */
function settingsOf(file: string): { settings?: Settings; faults: Fault[] } {
  try {
    return { settings: loadSettings(file, { paths: true }), faults: [] }
  } catch (error) {
    const faults = faultsOf(error)
    try {
      return { settings: loadSettings(file), faults }
    } catch (again) {
      return { faults: faultsOf(again) }
    }
  }
}

function faultsOf(error: unknown): Fault[] {
  if (!(error instanceof SettingsError)) throw error
  return error.faults.map(({ key, problem }) => ({ part: 'settings', message: `${key}: ${problem}` }))
}

/** The words of `trovestrap serve`: what is missing, damaged or expired. */
function identityFaults(state: string, now: Date): Fault[] {
  try {
    readIdentity(stateFolder(state), now)
    return []
  } catch (error) {
    return [{ part: 'state', message: (error as Error).message }]
  }
}

function certificateOf(state: string): HostServerSeen['certificate'] {
  try {
    const { subjectAltName = '', validToDate } = new X509Certificate(readFileSync(stateFolder(state).server))
    const names = [...subjectAltName.matchAll(/(?:DNS|IP Address):([^,]+)/g)].map(([, name]) => name!)
    return { names, until: validToDate.toISOString() }
  } catch {
    // readIdentity has said why.
    return undefined
  }
}

function isAny(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}
