import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Guest } from '../guest.ts'
import type { Login } from '../guest-shell.ts'
import { until } from '../until.ts'
import type { Bench } from './bench.ts'
import type { Sight } from './lab-fault.ts'

/** Seconds that something may take under emulation, unless a fault says otherwise. */
const WITHIN = 180

export interface Watched {
  readonly bench: Bench
  /** Absent: a fault without a guest. */
  readonly guest?: Guest
  readonly login: Login
  /** Of the guest's console, where the fault began. */
  readonly from: number
  /** Bytes of trove-conductor's log when it began. */
  readonly conductorFrom: number
}

/** Returns when it is seen. @throws when it is not within its time */
export async function see(sight: Sight, { bench, guest, login, from, conductorFrom }: Watched): Promise<void> {
  const timeoutMs = (('within' in sight ? sight.within : undefined) ?? WITHIN) * 1000
  if ('passed' in sight) return void (await pause(sight.passed * 1000))
  if ('console' in sight) return void (await guest!.console.waitFor(sight.console, { timeoutMs, from, whole: true }))
  if ('status' in sight) return void (await until(`status ${sight.status}`, async () => ((await bench.instance.status()).status === sight.status ? true : undefined), { timeoutMs, everyMs: 500 }))
  if ('conductor' in sight) {
    const log = bench.scene.controlPlane.logs.conductor
    const said = async () => (sight.conductor.test((await readFile(log, 'utf8')).slice(conductorFrom)) ? true : undefined)
    return void (await until(`${sight.conductor} in trove-conductor's log`, said, { timeoutMs, everyMs: 1000 }))
  }
  if ('host' in sight) {
    const well = () => bench.host(sight.host).then(() => true as const, () => undefined)
    return void (await until(`"${sight.host}" on the host`, well, { timeoutMs, everyMs: 1000 }))
  }
  const well = async () => ((await guest!.shell('sudo sh -s', login, sight.guest).catch(() => undefined))?.code === 0 ? true : undefined)
  await until(`"${sight.guest}" in the guest`, well, { timeoutMs, everyMs: 2000 })
}
