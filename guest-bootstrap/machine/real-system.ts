import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { InterfaceAddress, System } from '../system.ts'
import { realFiles } from './real-files.ts'
import { realHttp } from './real-http.ts'
import { realPeek } from './real-peek.ts'
import { realRun } from './real-run.ts'

/** The machine itself. @param root see `realFiles` */
export function realSystem(root = '/'): System {
  return {
    files: realFiles(root, realRun),
    clock: { now: Date.now, uptime, sleep: (seconds) => sleep(seconds * 1000) },
    run: realRun,
    addresses,
    http: realHttp,
    peek: realPeek,
    // Its import costs half a second under emulation; many a guest waits long before it comes that far.
    amqp: async (target) => (await import('../amqp/open-session.ts')).openSession(target),
  }
}

function uptime(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
}

function addresses(): InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, list = []]) =>
    list.flatMap(({ internal, address }) => (internal || address.startsWith('fe80:') ? [] : [{ name, address }])),
  )
}
