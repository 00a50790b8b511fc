import { Fault } from '../contract/fault.ts'
import type { HttpAnswer, System } from './system.ts'

/**
 * Seconds between the two clocks from which on a guest is not brought up. A clock that runs ahead and is then set right makes Trove's
 * conductor drop every heartbeat until it has caught up; a few hours (a hardware clock in local time) are only noted.
 */
const TOO_FAR = 24 * 3600

/**
 * How far this guest's clock is from the one of the host that answered. Looked at in every answer: a clock may jump in the middle of a
 * bring-up, and a connection that is kept open asks no certificate again.
 *
 * @returns seconds, positive when this one is ahead; undefined when the host does not say its time
 * @throws Fault CLOCK_OFF
 */
export function clockOff({ clock }: System, url: string, { headers }: Pick<HttpAnswer, 'headers'>): number | undefined {
  const date = Date.parse(headers['date'] ?? '')
  if (Number.isNaN(date)) return undefined
  const off = (clock.now() - date) / 1000
  if (Math.abs(off) <= TOO_FAR) return off
  const clocks = { guest_clock: new Date(clock.now()).toISOString(), host_clock: new Date(date).toISOString() }
  throw new Fault('CLOCK_OFF', { url, off_seconds: Math.round(off), ...clocks }, `this guest says ${clocks.guest_clock}, the host ${clocks.host_clock}`)
}
