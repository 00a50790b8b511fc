import type { BrokerSeen } from '../../evidence.ts'

export interface QueueInside {
  readonly vhost: string
  readonly name: string
  readonly messages: number
  readonly consumers: number
  readonly durable?: boolean
  readonly type?: string
  readonly state?: string
}

/** What a broker's administrator sees. */
export interface Inside {
  readonly from: 'rabbitmqctl' | 'management'
  readonly seen: NonNullable<BrokerSeen['inside']>
  /** Those that were asked for, in every vhost. */
  readonly queues: readonly QueueInside[]
  /** On which the asked node listens; absent where that was not asked. */
  readonly ports?: readonly number[]
}

/** Why an administrator's view could not be had, for `partly`. */
export class NotInside extends Error {
  override readonly name = 'NotInside'
}
