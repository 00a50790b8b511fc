import { UNITS } from '../../contract/paths.ts'
import type { System } from '../system.ts'

/** What systemd says of the agent's unit. */
export interface UnitState {
  readonly active: string
  readonly sub: string
  readonly restarts: number
  /** Exit status of its last main process, and how it ended: `exited`, `killed`, `dumped`. */
  readonly status: number
  readonly code: string
  readonly result: string
  /** Uptime at which it became active last, seconds; 0 when it never was. */
  readonly activeSince: number
}

const PROPERTIES = ['ActiveState', 'SubState', 'NRestarts', 'ExecMainStatus', 'ExecMainCode', 'Result', 'ActiveEnterTimestampMonotonic']
/** siginfo's si_code, which systemd gives as a number. */
const CODES: Readonly<Record<string, string>> = { 1: 'exited', 2: 'killed', 3: 'dumped' }

export async function unitState(system: System): Promise<UnitState> {
  const { stdout } = await system.run('systemctl', ['show', UNITS.agent, `--property=${PROPERTIES.join(',')}`])
  const values = Object.fromEntries(stdout.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]))
  return {
    active: values['ActiveState'] ?? '',
    sub: values['SubState'] ?? '',
    restarts: Number(values['NRestarts'] ?? 0),
    status: Number(values['ExecMainStatus'] ?? 0),
    code: CODES[values['ExecMainCode'] ?? ''] ?? values['ExecMainCode'] ?? '',
    result: values['Result'] ?? '',
    activeSince: Number(values['ActiveEnterTimestampMonotonic'] ?? 0) / 1e6,
  }
}
