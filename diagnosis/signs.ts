import { UNITS } from '../contract/paths.ts'
import type { Proof } from './cause.ts'
import { proofOf, type Facts, type Said } from './facts.ts'
import { instant, instantOfLine } from './instant.ts'

/** When the daemon said it, ms of the host's clock; undefined where no source of it has a time (a console has none). */
export function saidAt(said: Said, { evidence }: Facts): number | undefined {
  const own = instant(said.proof.at)
  if (own !== undefined) return own
  const received = evidence.record?.reports.findLast(
    ({ report }) => report.stage === said.stage && report.state === said.state && report.attempt === said.attempt && report.fault?.code === said.code,
  )
  if (received !== undefined) return instant(received.received)
  const line = evidence.guest?.journals[UNITS.guest]?.findLast((line) => line.includes(said.proof.text))
  const guestTime = line === undefined ? undefined : instantOfLine(line)
  const hostTime = guestTime === undefined ? NaN : guestTime - (evidence.guest?.clock_offset ?? 0) * 1000
  // Evidence out of a file may say that a clock is off by more than there are dates.
  return Number.isNaN(new Date(hostTime).getTime()) ? undefined : hostTime
}

/** When the present stage began, ms of the host's clock: its first word since another stage spoke. */
export function stageBegan(facts: Facts): number | undefined {
  const { said, current, evidence } = facts
  const before = said.findLastIndex(({ stage }) => stage !== current?.stage)
  const first = said[before + 1]
  const { view } = evidence.record ?? {}
  return (first && saidAt(first, facts)) ?? (view?.latest?.stage === current?.stage ? instant(view?.since) : undefined)
}

/** When the instance was made, or the earliest that anybody knows of it; ms of the host's clock. */
export function instanceBegan({ evidence }: Facts): number | undefined {
  const { trove, nova, guest, record, at } = evidence
  const now = instant(at)
  const booted = now === undefined || guest?.uptime === undefined ? undefined : now - guest.uptime * 1000
  const known = [instant(trove?.instance?.created), instant(nova?.server?.created), booted, instant(record?.view?.enrolled), instant(record?.reports[0]?.received)]
  return known.filter((one) => one !== undefined).sort((one, other) => one - other)[0]
}

/** The newest of all that shows the instance alive. What has no time counts where nothing has one. */
export function lastSign(facts: Facts): Proof | undefined {
  const { current, evidence } = facts
  const { record, trove } = evidence
  const currentAt = current && saidAt(current, facts)
  const signs: (Proof | undefined)[] = [
    current && { ...current.proof, ...(currentAt === undefined ? {} : { at: new Date(currentAt).toISOString() }) },
    record?.view && { source: 'record', where: "host-server's record", text: `last heard at ${record.view.address}`, at: record.view.last_seen },
    heartbeat(trove?.service),
  ]
  const seen = signs.filter((sign) => sign !== undefined)
  const timed = seen.filter(({ at }) => instant(at) !== undefined).sort((one, other) => instant(other.at)! - instant(one.at)!)
  return timed[0] ?? seen[0] ?? lastLine(facts)
}

/** Trove writes `new` itself; every other word came from the agent or ended the waiting for it. */
function heartbeat(service: { text: string; updated?: string } | undefined): Proof | undefined {
  if (service?.updated === undefined || /^(new|failed_timeout|guestagent error)/i.test(service.text)) return undefined
  return { source: 'trove', where: 'service_statuses', text: service.text, at: service.updated }
}

function lastLine(facts: Facts): Proof | undefined {
  const line = facts.lines('agent').at(-1) ?? facts.lines('console').findLast(({ text }) => text.trim() !== '')
  return line && proofOf(line)
}
