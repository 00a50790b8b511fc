import type { GuestSeen } from '../../evidence.ts'

type Unit = GuestSeen['units'][number]

/** How a main process ended, by number (CLD_EXITED … of waitid(2)), which is how `systemctl show` prints it. */
const ENDED: Record<string, string> = { '1': 'exited', '2': 'killed', '3': 'dumped' }

/** Reads `systemctl show` of several units: blocks of NAME=VALUE, one a unit. */
export function unitsOf(text: string | undefined): Unit[] {
  return (text ?? '').split(/\n{2,}/).flatMap((block) => {
    const shown = new Map(block.split('\n').map((line) => [line.split('=', 1)[0]!, line.slice(line.indexOf('=') + 1)]))
    const name = shown.get('Id')
    return name ? [unitOf(name, shown)] : []
  })
}

function unitOf(name: string, shown: ReadonlyMap<string, string>): Unit {
  const code = ENDED[shown.get('ExecMainCode') ?? '']
  return {
    name,
    load: shown.get('LoadState') ?? '',
    active: shown.get('ActiveState') ?? '',
    sub: shown.get('SubState') ?? '',
    result: shown.get('Result') ?? '',
    ...(code === undefined ? {} : { status: count(shown.get('ExecMainStatus')), code }),
    restarts: count(shown.get('NRestarts')),
    enabled: shown.get('UnitFileState') ?? '',
  }
}

function count(text: string | undefined): number {
  return /^\d{1,9}$/.test(text ?? '') ? Number(text) : 0
}
