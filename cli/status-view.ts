import { fingerprintOf } from '../contract/host-key.ts'
import { shortRevision } from '../contract/manifest.ts'
import type { Report } from '../contract/report.ts'
import type { InstanceDetail, InstanceList, InstanceView } from '../contract/operator-view.ts'
import { stageLines, stageText } from './bring-up-view.ts'
import { duration } from '../diagnosis/duration.ts'
import { printable } from '../diagnosis/printable.ts'
import { table } from './table.ts'

const HEADING = ['INSTANCE', 'NAME', 'STAGE', 'SINCE', 'SOURCE', 'LAST SEEN', 'NOTE']
const SHOWN_REFUSALS = 5

/** Every instance in a line, and below them whom the server turned away. @param now host clock, ms */
export function listText(list: InstanceList, now: number): string {
  const rows = list.instances.map((view) => row(view, now))
  const instances = rows.length > 0 ? table([HEADING, ...rows]) : 'No guest has enrolled yet.\n'
  const refused = list.refused.filter(({ code }) => code !== 'APPROVAL_PENDING').slice(-SHOWN_REFUSALS).map((refusal) => [
    `${ago(refusal.at, now)} ago`,
    printable(refusal.address),
    printable(refusal.instance ?? '-'),
    printable(refusal.code),
  ])
  return [
    instances,
    ...(list.waiting.length === 0 ? [] : [waitingText(list.waiting, now)]),
    ...(list.open_until === undefined ? [] : [`Every guest with a valid token may enrol until ${list.open_until} (trovestrap approve --close ends that).\n`]),
    ...(refused.length === 0 ? [] : [`Refused lately:\n${table([['WHEN', 'ADDRESS', 'INSTANCE', 'CODE'], ...refused])}`]),
  ].join('\n')
}

/** Who asks to enrol and may not yet. Two that claim to be one instance differ in the beginning of their key. @param now host clock, ms */
export function waitingText(waiting: InstanceList['waiting'], now: number): string {
  const rows = waiting.map(({ instance, key, address, name, since }) => [instance, printable(name ?? '-'), printable(address), key.slice(0, 8), ago(since, now)])
  return `Waiting for approval (trovestrap approve INSTANCE):\n${table([['INSTANCE', 'NAME', 'ADDRESS', 'KEY', 'SINCE'], ...rows])}`
}

/** One instance: where it stands, stage by stage. @param now host clock, ms */
export function detailText(detail: InstanceDetail, now: number): string {
  const { instance, name, latest } = detail
  const lines = [
    `${instance}${name === undefined ? '' : ` (${name})`} at ${detail.address}, last seen ${ago(detail.last_seen, now)} ago, credential until ${detail.credential_expires}`,
    ...stageLines(detail.reports.map(({ report }) => report)).map((line) => `  ${stageText(line)}`),
  ]
  const { held, follows, host_keys: keys = [] } = detail
  for (const key of keys) lines.push(`  host key ${fingerprintOf(key)} (${key.split(' ', 1)[0]})`)
  if (held !== undefined) lines.push(`  held since ${ago(held, now)}: no change of the tree reaches it until trovestrap release ${instance.slice(0, 8)}`)
  else if (follows) lines.push('  follows the tree')
  if (latest && isReady(latest)) lines.push(`  ready since ${ago(detail.since ?? detail.last_seen, now)}, running ${shortRevision(latest.revision ?? '')}`)
  else if (latest === undefined) lines.push('  enrolled, nothing reported yet')
  if (latest?.fault) {
    const { lines: quoted, ...rest } = latest.fault.details
    const details = Object.entries(rest).map(([key, value]) => `${key} ${value}`)
    lines.push(`  ${latest.fault.code}: ${details.join(' · ')}`, ...(latest.next === undefined ? [] : [`  it tries again every ${duration(latest.next)}, by itself`]))
    if (latest.stage === 'ready') lines.push(`  failed ${ago(detail.since ?? detail.last_seen, now)} ago, ${latest.attempt === 1 ? 'once' : `${latest.attempt} times`} since it was heard; systemd starts it again, by itself`)
    if (typeof quoted === 'string') lines.push('  its last lines:', ...quoted.split('\n').map((line) => `    ${line}`))
    lines.push(`  trovestrap diagnose ${instance.slice(0, 8)}      says why, and what to type`)
  }
  // A guest may be anybody's; it shall not speak to the terminal.
  return lines.map((line) => `${printable(line)}\n`).join('')
}

function row(view: InstanceView, now: number): string[] {
  const { latest } = view
  const ready = latest !== undefined && isReady(latest)
  return [
    view.instance.slice(0, 8),
    printable(view.name ?? '-'),
    latest === undefined ? 'enrolled' : latest.stage === 'ready' && !ready ? 'agent failed' : latest.stage,
    ago(view.since ?? view.enrolled, now),
    sourceOf(view),
    ready ? '-' : ago(view.last_seen, now),
    printable([...(view.held === undefined ? [] : ['held']), latest?.fault?.message ?? (ready ? '' : (latest?.note ?? ''))].filter((part) => part !== '').join('; ')),
  ]
}

/** What runs, and what is served where that differs. */
function sourceOf({ latest, served_revision: served }: InstanceView): string {
  if (latest?.revision === undefined) return '-'
  const runs = shortRevision(latest.revision)
  return served === undefined || served === latest.revision ? runs : `${runs} (${shortRevision(served)} is served)`
}

/** Heard, and not ended since. */
function isReady({ stage, state }: Report): boolean {
  return stage === 'ready' && state !== 'failed'
}

function ago(iso: string, now: number): string {
  return duration((now - Date.parse(iso)) / 1000)
}
