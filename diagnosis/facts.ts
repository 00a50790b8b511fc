import { parseConsoleLine } from '../contract/console-line.ts'
import { FOREIGN_AGENT_UNITS, UNITS } from '../contract/paths.ts'
import type { StageName, StageState } from '../contract/report.ts'
import type { Proof } from './cause.ts'
import type { Evidence, GuestSeen, Source } from './evidence.ts'

/** One change of the bring-up as the daemon said it, wherever it was read. */
export interface Said {
  readonly stage: StageName
  readonly state: StageState
  /** Of contract/fault.ts, with `failed`. */
  readonly code?: string
  readonly message?: string
  /** What varies: host, port, user, path …; all as text. */
  readonly details: Readonly<Record<string, string>>
  readonly note?: string
  readonly attempt: number
  readonly proof: Proof
}

/** A line of a log, with the place that people know it by. */
export interface PlacedLine {
  readonly source: Source
  readonly where: string
  readonly text: string
}

/** The kinds of places in which lines stand. */
export type Place = 'console' | 'daemon' | 'agent' | 'cloud-init' | 'kernel' | 'guest' | 'broker' | 'conductor' | 'taskmanager' | 'trove-fault'

/** What causes ask of the evidence. Pure; every answer is `undefined` or empty where nobody looked. */
export interface Facts {
  readonly evidence: Evidence
  /** All that the daemon said, oldest first, from the best place that has it: the guest's journal, the console, the host's record. */
  readonly said: readonly Said[]
  /** The last thing it said. */
  readonly current: Said | undefined
  /** The fault it waits in, if it waits in one. */
  readonly failing: Said | undefined
  /** Whether the daemon's last word is that the agent is heard. */
  readonly ready: boolean
  /** Whether an agent consumes `guestagent.<id>` now; undefined when nobody asked RabbitMQ. */
  readonly agentConnected: boolean | undefined
  /** Trove's own word: healthy, running, instance ready; undefined when Trove's database was not read. */
  readonly healthy: boolean | undefined
  /** Seconds between two ISO times, where both are there. */
  seconds(from: string | undefined, to: string | undefined): number | undefined
  /** The newest line that matches, of these places (all when left out). */
  line(pattern: RegExp, ...places: Place[]): PlacedLine | undefined
  lines(...places: Place[]): PlacedLine[]
  unit(name: string): GuestSeen['units'][number] | undefined
  /** The unit that runs the agent: ours, or the image's own where that one is active or failed. */
  readonly agentUnit: GuestSeen['units'][number] | undefined
  /** Effective value of an option of the agent's configuration in the guest, with the file it comes from. */
  option(section: string, option: string): { value: string; file: string } | undefined
  file(path: string): GuestSeen['files'][number] | undefined
  /** Whether a collector saw something. */
  saw(source: Source): boolean
}

/** Characters of `2026-11-25T10:20:01Z`. */
const TIME = 20
const HEALTHY = ['healthy', 'running', 'active', 'instance ready']

export function factsOf(evidence: Evidence): Facts {
  const { guest, broker, trove } = evidence
  const placed = placedLines(evidence)
  const said = daemonSaid(evidence)
  const current = said.at(-1)
  const queue = broker?.queues[`guestagent.${evidence.instance}`]
  const lines = (...places: Place[]) => placed.filter(({ place }) => places.length === 0 || places.includes(place)).map(({ place: _, ...line }) => line)
  const unit = (name: string) => guest?.units.find((unit) => unit.name === name)
  return {
    evidence,
    said,
    current,
    failing: current?.state === 'failed' ? current : undefined,
    ready: current?.stage === 'ready' && current.state === 'done',
    agentConnected: broker === undefined || broker.fault ? undefined : (queue?.consumers ?? 0) > 0,
    healthy: trove?.service === undefined ? undefined : HEALTHY.includes(trove.service.text.toLowerCase()),
    seconds: (from, to) => (from === undefined || to === undefined ? undefined : (Date.parse(to) - Date.parse(from)) / 1000),
    lines,
    line: (pattern, ...places) => lines(...places).findLast(({ text }) => pattern.test(text)),
    unit,
    agentUnit: [UNITS.agent, ...FOREIGN_AGENT_UNITS].map(unit).find((unit) => unit !== undefined && unit.load === 'loaded' && unit.active !== 'inactive') ?? unit(UNITS.agent),
    option(section, option) {
      const set = guest?.config.findLast((one) => one.section === section && one.option === option)
      return set && { value: set.value, file: set.file }
    },
    file: (path) => guest?.files.find((file) => file.path === path),
    saw: (source) => evidence[source] !== undefined,
  }
}

/** As a proof for people. */
export function proofOf({ source, where, text }: PlacedLine): Proof {
  return { source, where, text }
}

function daemonSaid(evidence: Evidence): Said[] {
  const { guest, console, record } = evidence
  // Of several units in the order of their times, which every line begins with.
  const journal = [UNITS.guest, UNITS.agentFailed, UNITS.renew].flatMap((unit) => guest?.journals[unit] ?? []).toSorted((one, other) => one.slice(0, TIME).localeCompare(other.slice(0, TIME)))
  const fromLines = (lines: readonly string[], source: Source, where: string): Said[] => lines.flatMap((line) => saidIn(line, source, where) ?? [])
  const inJournal = fromLines(journal, 'guest', journalOf(UNITS.guest))
  if (inJournal.length > 0) return inJournal
  const onConsole = fromLines(console?.lines ?? [], 'console', 'guest console')
  if (onConsole.length > 0) return onConsole
  return (record?.reports ?? []).map(({ received, report }) => ({
    stage: report.stage,
    state: report.state,
    ...(report.fault === undefined ? {} : { code: report.fault.code, message: report.fault.message }),
    details: Object.fromEntries(Object.entries(report.fault?.details ?? {}).map(([name, value]) => [name, String(value)])),
    ...(report.note === undefined ? {} : { note: report.note }),
    attempt: report.attempt,
    proof: {
      source: 'record' as const,
      where: "host-server's record",
      at: received,
      text: [report.stage, report.state, report.fault?.code, report.fault?.message ?? report.note].filter((part) => part !== undefined).join(' '),
    },
  }))
}

/** Journal lines carry `trovestrap[PID]: ` or the words alone. */
function saidIn(line: string, source: Source, where: string): Said | undefined {
  const record = parseConsoleLine(line) ?? parseConsoleLine(line.replace(/^(?:.*?\]: )?(?=stage=)/, 'trovestrap[0]: '))
  if (record === undefined) return undefined
  const { stage, state, code, attempt, took: _took, next: _next, note, message, ...details } = record.words
  return {
    stage: stage as StageName,
    state: state as StageState,
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
    ...(note === undefined ? {} : { note }),
    attempt: Number(attempt ?? 1),
    details,
    proof: { source, where, text: line.replace(/^.*?(?=stage=)/, '').trim() },
  }
}

function placedLines(evidence: Evidence): (PlacedLine & { place: Place })[] {
  const { guest, console, broker_log, trove_logs, trove } = evidence
  const all: (PlacedLine & { place: Place })[] = []
  const put = (place: Place, source: Source, where: string, lines: readonly string[]): void => {
    for (const text of lines) all.push({ place, source, where, text })
  }
  put('console', 'console', 'guest console', console?.lines ?? [])
  for (const [name, lines] of Object.entries(guest?.journals ?? {})) {
    const place = name === 'kernel' ? 'kernel' : name === UNITS.guest ? 'daemon' : isAgent(name) ? 'agent' : /^cloud-(init|config|final)/.test(name) ? 'cloud-init' : 'guest'
    put(place, 'guest', journalOf(name), lines)
  }
  for (const [path, lines] of Object.entries(guest?.logs ?? {})) put(/cloud-init/.test(path) ? 'cloud-init' : /trove/.test(path) ? 'agent' : 'guest', 'guest', `guest, ${path}`, lines)
  if (guest?.cloud_init) put('cloud-init', 'guest', 'guest, /run/cloud-init/result.json', guest.cloud_init.errors)
  put('broker', 'broker_log', broker_log?.path ?? '', broker_log?.lines ?? [])
  for (const { name, path, lines } of trove_logs ?? []) put(/taskmanager/.test(name) ? 'taskmanager' : 'conductor', 'trove_logs', path, lines)
  if (trove?.fault) put('trove-fault', 'trove', 'instance_faults', [trove.fault.message, ...(trove.fault.details ?? '').split('\n').filter((line) => line.trim() !== '')])
  return all
}

/** As it is typed in the guest. */
function journalOf(name: string): string {
  return name === 'kernel' ? 'journalctl -k' : `journalctl -u ${name.replace(/\.service$/, '')}`
}

function isAgent(unit: string): boolean {
  return unit === UNITS.agent || (FOREIGN_AGENT_UNITS as readonly string[]).includes(unit)
}
