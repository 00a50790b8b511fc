import type { Source } from './evidence.ts'
import type { Facts } from './facts.ts'

/** Where in an instance's coming up a cause bites; in this order. "The earlier first" means this. */
export const PHASES = ['control-plane', 'boot', 'identify', 'network', 'enrol', 'fetch', 'configure', 'install-requirements', 'reach-rabbitmq', 'start-agent', 'confirm', 'prepare', 'report'] as const
export type Phase = (typeof PHASES)[number]

/** One reason why an instance does not come up: words, and one function over what was seen. */
export interface Cause {
  /** Of the catalogue: `G2`. */
  readonly id: string
  /** kebab-case: `rabbitmq-login-refused`. */
  readonly name: string
  /** The constant part: one sentence without a stop. */
  readonly title: string
  readonly phase: Phase
  /** What it looks like, for `trovestrap causes`. */
  readonly shows: string
  /** Any one of these can see it. */
  readonly needs: readonly Source[]
  /** Where one of these holds too, this is only how it shows. Ids. */
  readonly symptomOf?: readonly string[]
  /** The constant part of what mends it, for `trovestrap causes`. */
  readonly mend: string
  /** Pure. `undefined`: nothing speaks for it. */
  find(facts: Facts): Found | Suspected | undefined
  /**
   * The same before there is an instance: what this host and this cloud show that will keep the next one from coming up. Where it is absent,
   * `find` says that too: it needs no word of a guest.
   */
  ahead?(facts: Facts): Found | Suspected | undefined
}

/** It is this. */
export interface Found {
  /** The variable part of the verdict: `RabbitMQ refuses the login of user "trove"`. */
  readonly what: string
  /** The line or fact that proves it, and where it stands; the most telling first. */
  readonly proof: readonly Proof[]
  readonly mend: readonly Step[]
}

/** It may be this; something that was not looked at would decide. */
export interface Suspected {
  readonly undecided: string
  /** What to look at, the most telling first. */
  readonly wants: readonly Source[]
  readonly proof?: readonly Proof[]
}

export interface Proof {
  readonly source: Source
  /** `guest console`, `/var/log/rabbitmq/…`, `service_statuses`. */
  readonly where: string
  readonly text: string
  /** ISO 8601, where the line has one. */
  readonly at?: string
}

/** One thing to type, or to do where nothing can be typed. */
export interface Step {
  readonly on: 'host' | 'guest' | 'image' | 'cloud'
  /** A command as it is typed, whole; absent for what is done by hand. */
  readonly run?: string
  /** What a command asks for at its prompt: which value to type there. Never the value itself. */
  readonly asks?: { readonly what: string; readonly file: string; readonly option: 'transport_url password' }
  /** In words: why, or what to do where there is no command. */
  readonly say?: string
}

export function isFound(answer: Found | Suspected): answer is Found {
  return 'what' in answer
}
