import { CloudError } from '../../openstack/cloud-error.ts'
import type { Cloud } from '../../openstack/cloud.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import { Instances } from '../../openstack/instances.ts'
import { liveInstances, wasDeleted } from '../../openstack/trove.ts'
import { judge, letIn, type Claim, type Verdict } from './judge.ts'
import { expectAdmin, look } from './look.ts'
import { plainAddress } from '../plain-address.ts'
import { TooMany, Turns } from './turns.ts'

export interface AttestorOptions {
  /** Takes one line for the operator: why OpenStack could not be asked, with what to type. */
  readonly warn?: (line: string) => void
  /** Milliseconds for one claim, the waiting for its turn included. */
  readonly deadline?: number
  /** Milliseconds that a claim may wait for its turn; what is left of the deadline is for OpenStack. */
  readonly wait?: number
  /** Claims that are asked about at the same time. */
  readonly atOnce?: number
}

/** Of one address; a guest asks once at a time. */
const EACH = 4
/** Milliseconds. Trove takes 15 s where it asks an agent that is gone. */
const PATIENT = 25_000
/** Milliseconds in which the same line is said once. */
const SAID = 60_000

/** Asks OpenStack whether an instance is what it says. Whatever could not be asked is undecided, never attested. */
export class Attestor {
  readonly #cloud: Cloud
  readonly #instances: Instances
  readonly #options: Required<AttestorOptions>
  readonly #turns: Turns
  #said = { line: '', at: -Infinity }

  constructor(cloud: Cloud, { warn = () => {}, deadline = 8_000, wait = 3_000, atOnce = 8 }: AttestorOptions = {}) {
    this.#cloud = cloud
    this.#instances = new Instances(cloud)
    this.#options = { warn, deadline, wait, atOnce }
    this.#turns = new Turns({ atOnce, each: EACH })
  }

  /** Never rejects. @param signal ends the asking: undecided */
  async attest(claim: Claim, signal: AbortSignal): Promise<Verdict> {
    const { deadline, wait } = this.#options
    const patience = patienceOf(deadline, signal)
    const queue = AbortSignal.any([patience.signal, AbortSignal.timeout(wait)])
    try {
      return await this.#turns.run(plainAddress(claim.address), queue, async () => judge(claim, await look(this.#cloud, this.#instances, claim, patience)))
    } catch (error) {
      if (error instanceof TooMany) return { verdict: 'undecided', why: `many ask at once, and OpenStack is asked about ${this.#options.atOnce} at a time: ${error.message}` }
      this.#warn(patience.signal.aborted && !(error instanceof CloudError) ? new CloudError('no answer in time', { silent: true }) : error)
      return { verdict: 'undecided', why: `OpenStack could not be asked about instance ${claim.instance}, and host-server's log says why; ${letIn(claim.instance)}` }
    }
  }

  /**
   * @returns true when Trove says that it had this instance and that it is deleted; false when it has it;
   * undefined when Trove could not be asked, or has never had it: another region's Trove says so of all
   */
  async isGone(instance: string, signal?: AbortSignal): Promise<boolean | undefined> {
    return await this.#ask(signal, (patience) => wasDeleted(this.#cloud, instance, patience))
  }

  /** Ids of all instances that Trove has; undefined when it could not be asked. */
  async live(signal?: AbortSignal): Promise<ReadonlySet<string> | undefined> {
    return await this.#ask(signal, (patience) => liveInstances(this.#cloud, patience))
  }

  async #ask<T>(signal: AbortSignal | undefined, question: (patience: Patience) => Promise<T>): Promise<T | undefined> {
    const patience = patienceOf(PATIENT, signal)
    try {
      await expectAdmin(this.#cloud, patience)
      return await question(patience)
    } catch (error) {
      if (signal?.aborted !== true) this.#warn(error)
      return undefined
    }
  }

  /** Once a minute where it stays the same: a thousand guests that cannot be attested have one cause. */
  #warn(error: unknown): void {
    const line = `OpenStack could not be asked: ${error instanceof Error ? error.message : String(error)}`
    if (line === this.#said.line && performance.now() - this.#said.at < SAID) return
    this.#said = { line, at: performance.now() }
    this.#options.warn(line)
  }
}

function patienceOf(milliseconds: number, signal?: AbortSignal): Patience {
  const own = AbortSignal.timeout(milliseconds)
  return { signal: signal === undefined ? own : AbortSignal.any([signal, own]), until: Date.now() + milliseconds }
}
