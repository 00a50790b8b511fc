import type { Cause } from '../cause.ts'
import { proofOf } from '../facts.ts'

const OLDER = /Rec'd message is older than last seen/
const YOUNGER = /Rec'd message is younger than last seen|Did not find any previous message/
/** Seconds. A message that comes twice is older than itself; a clock that stepped is so by minutes. */
const STALE = 90
const BEHIND = -30

export const clockSteppedBack: Cause = {
  id: 'J4',
  name: 'guest-clock-stepped-back',
  title: "the guest's clock stepped back, so trove-conductor takes its heartbeats for old ones",
  phase: 'report',
  shows: "trove-conductor logs \"Rec'd message is older than last seen. Discarding.\" for the instance",
  needs: ['trove_logs', 'guest', 'trove'],
  symptomOf: ['J1'],
  mend: "set the guest's clock (chrony); heartbeats count again once it has passed the newest that was seen",
  find(facts) {
    const { evidence } = facts
    const own = facts.lines('conductor').filter(({ text }) => text.includes(evidence.instance) && (OLDER.test(text) || YOUNGER.test(text)))
    const since = own.slice(own.findLastIndex(({ text }) => YOUNGER.test(text)) + 1)
    const offset = evidence.guest?.clock_offset
    const behind = offset !== undefined && offset < BEHIND
    const age = facts.seconds(evidence.trove?.service?.updated, evidence.at)
    const stale = facts.healthy !== true || (age !== undefined && age > STALE)
    const line = since.at(-1)
    if (line === undefined) {
      const heard = evidence.trove?.service !== undefined && !/^new$/i.test(evidence.trove.service.text)
      if (!behind || facts.agentConnected !== true || !heard || age === undefined || age < STALE || facts.saw('trove_logs')) return undefined
      return { undecided: `the guest's clock is ${Math.round(-offset!)} s behind, and its last heartbeat was written ${Math.round(age)} s ago`, wants: ['trove_logs'], proof: [{ source: 'guest', where: 'guest, clock', text: `${offset} s` }] }
    }
    // One line may be a message that came twice.
    if (since.length < 2 && !behind && !(stale && facts.healthy !== undefined)) return stale ? { undecided: 'trove-conductor has discarded a heartbeat as older than the last', wants: ['trove', 'guest'], proof: [proofOf(line)] } : undefined
    return {
      what: `trove-conductor discards the guest's heartbeats as older than the last one it has seen${behind ? `: the guest's clock is ${Math.round(-offset!)} s behind` : ''}`,
      proof: [proofOf(line), ...(behind ? [{ source: 'guest' as const, where: 'guest, clock', text: `${offset} s against this host` }] : [])],
      mend: [
        { on: 'guest', run: 'sudo timedatectl set-ntp true' },
        { on: 'guest', say: 'without a time server: sudo date --set=@SECONDS with the date +%s of the host; a heartbeat follows within a minute' },
      ],
    }
  },
}
