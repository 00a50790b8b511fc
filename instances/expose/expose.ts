import { setTimeout as delay } from 'node:timers/promises'
import type { Cloud } from '../../openstack/cloud.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import type { Protocol } from '../greeting/greeting.ts'
import { greet, type Met } from '../greeting/greet.ts'
import { chooseWay, type AskedWay } from './choose-way.ts'
import type { Exposable } from './exposable.ts'
import { neutronWays } from './floating.ts'
import type { Operation } from './operation.ts'
import { groupWork } from './security-group.ts'
import { wayWork } from './way-operations.ts'

/** What is left to do until a database is reached from outside. */
export interface ExposePlan {
  readonly kind: 'port-forwarding' | 'floating-ip'
  readonly operations: readonly Operation[]
  /** Where clients knock; the address of one that is made yet is known once the operations are done. */
  address(): string
  readonly port: number
  /** What is in the way and not for us to decide. */
  readonly advice?: string
}

/** By Neutron. @throws Refusal, CloudError; nothing is changed */
export async function planExpose(cloud: Cloud, exposable: Exposable, asked: AskedWay, patience: Patience): Promise<ExposePlan> {
  const way = chooseWay(asked, exposable, await neutronWays(cloud, exposable, asked.address, patience))
  const { operations, address } = wayWork(cloud, way, exposable)
  const group = await groupWork(cloud, exposable, patience)
  return { kind: way.kind, port: way.port, operations: [...operations, ...group.operations], address, ...(group.advice === undefined ? {} : { advice: group.advice }) }
}

/** Milliseconds: MySQL looks its client's name up before it greets, unless it was told skip-name-resolve. */
const ONE = 10_000
const AGAIN = 1_000

/** Whether the database greets at an address and port that have just been made to lead there. @param within milliseconds @returns the last that came of it */
export async function greetsThrough(address: string, port: number, protocol: Protocol, within: number): Promise<Met> {
  const until = Date.now() + within
  for (;;) {
    const met = await greet(address, protocol, ONE, port)
    if ('greeting' in met || Date.now() + AGAIN > until) return met
    await delay(AGAIN)
  }
}
