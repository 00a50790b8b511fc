import type { Collector } from './collector.ts'
import { CannotSee } from './collector.ts'
import { addressOfGuest } from './guest/address-of-guest.ts'
import { look } from './guest/look.ts'
import { guestSeen } from './guest/see.ts'
import { viaText, type SshAccess } from './ssh/access.ts'
import { openSsh } from './ssh/open-ssh.ts'

export type { SshAccess }

const DEADLINE = 8000
/** Of it, for what has come to be read. */
const READING = 400

/** Looks into the guest as its debug user. Nothing is written there and nothing stays running. */
export function guestCollector(access: SshAccess): Collector<'guest'> {
  return {
    source: 'guest',
    deadline: DEADLINE,
    async collect(_target, context) {
      const signal = AbortSignal.any([context.signal, AbortSignal.timeout(DEADLINE - READING)])
      const target = { ...access, host: access.host ?? (await addressOfGuest(context)) }
      await using guest = await openSsh(target, signal)
      const seen = await look(guest, signal)
      if (![...seen.sections.keys()].some((name) => name !== '')) throw new CannotSee(`logged in, but the guest answers nothing of what it is asked: ${viaText(target)}`)
      const evidence = guestSeen(viaText(target), seen)
      for (const why of seen.missing) context.partly(why)
      if (evidence.unseen !== undefined) context.partly(`not seen, or not all of it: ${evidence.unseen.join(', ')}`)
      return evidence
    },
  }
}
