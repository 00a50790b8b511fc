import { isIP } from 'node:net'
import type { Details } from '../contract/report.ts'
import { ProgramError, type Finished, type System } from './system.ts'

/** Seconds for which a route counts as known: a fault that repeats every few seconds need not ask each time. */
const KNOWN = 30

const known = new WeakMap<System, { readonly host: string; readonly at: number; readonly way: Details }>()

/**
 * Which way the kernel sends packets to a host: a container engine's bridge or a second default route shows by its device.
 *
 * @param error of the connection; it may have the address where `host` is a name
 * @returns `dev`, `source`, and `via` where there is a gateway; `route` is `none` where there is none; empty where it cannot be told
 */
export async function wayTo(system: System, host: string, error?: unknown): Promise<Details> {
  const now = system.clock.uptime()
  const before = known.get(system)
  if (before?.host === host && now - before.at < KNOWN) return before.way
  const address = isIP(host) ? host : (addressOf(error) ?? (await resolved(system, host)))
  const way = address === undefined || isIP(address) === 0 ? {} : await ask(system, address)
  known.set(system, { host, at: now, way })
  return way
}

async function ask(system: System, address: string): Promise<Details> {
  const answer = await run(system, 'ip', ['-o', 'route', 'get', address])
  if (answer === undefined) return {}
  if (answer.code !== 0) return /unreachable|No route/i.test(answer.stderr) ? { route: 'none' } : {}
  const word = (name: string) => new RegExp(` ${name} (\\S+)`).exec(answer.stdout)?.[1]
  const words = Object.entries({ dev: word('dev'), source: word('src'), via: word('via') })
  return Object.fromEntries(words.filter((word): word is [string, string] => word[1] !== undefined))
}

/** Node says of some failed connections which address they were made to. */
function addressOf(error: unknown): string | undefined {
  const { address } = (error ?? {}) as { address?: unknown }
  return typeof address === 'string' ? address : undefined
}

/** By the same resolver that was asked for the connection. */
async function resolved(system: System, name: string): Promise<string | undefined> {
  return (await run(system, 'getent', ['ahosts', name]))?.stdout.split(/\s/)[0]
}

/** @returns undefined when there is no such program: an explanation may lack a part */
async function run(system: System, program: string, args: readonly string[]): Promise<Finished | undefined> {
  try {
    return await system.run(program, args, { timeout: 5 })
  } catch (error) {
    if (error instanceof ProgramError) return undefined
    throw error
  }
}
