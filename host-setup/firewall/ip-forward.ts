import { readFileSync } from 'node:fs'
import type { Step } from '../command.ts'
import type { FirewallState } from './state.ts'

const KEY = 'net.ipv4.ip_forward'

/** `0` or `1`. */
export function ipForward(): string {
  return readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim()
}

/**
 * Switched on where it is needed and off; back to what it was where it was switched on here and is not needed any more.
 * @returns what is typed, and what is to be remembered
 */
export function forwardSteps(isNeeded: boolean, now: string, state: FirewallState): { steps: Step[]; before: Pick<FirewallState, 'ip_forward_before'> } {
  const { ip_forward_before: before } = state
  if (isNeeded) return now === '0' ? { steps: [set('1', '0')], before: { ip_forward_before: '0' } } : { steps: [], before: before === undefined ? {} : { ip_forward_before: before } }
  return { steps: before === undefined || before === now ? [] : [set(before, now)], before: {} }
}

function set(value: string, before: string): Step {
  const write = (to: string): { program: string; args: string[] } => ({ program: 'sysctl', args: ['-q', '-w', `${KEY}=${to}`] })
  return { ...write(value), undo: write(before) }
}
