import { printable } from '../diagnosis/printable.ts'
import type { BuildResult, PlannedBuild } from '../image-builder/build-image.ts'
import type { Difference } from '../image-builder/diff/diff-trees.ts'
import type { Inspection } from '../image-builder/inspect-image.ts'
import type { Stripped } from '../image-builder/strip-image.ts'

// Names, and what a build record says, come from images that anybody made: they are made printable.

/** What a finished build says. */
export function buildText(result: BuildResult): string {
  const findings = result.findings.map(({ level, id, code, what }) => `${level}: ${printable(what)}  (${id === '-' ? code : `${id} ${code}`})\n`)
  return `${warnings(result.warnings)}${findings.join('')}${result.out}: ${result.os}, build ${result.build}${result.rebuilt ? ' (built again)' : ''}, ${mebibytes(result.payload)} put in, ${result.changes.length} changes, ${result.took.toFixed(1)} s
  trovestrap image inspect ${result.out}    shows them
  trovestrap image publish ${result.out} --datastore NAME --version VERSION    makes it the one of a datastore version\n`
}

/** What a build would do. */
export function planText(base: string, { os, way, changes, warnings: warned }: PlannedBuild): string {
  return `${base}: ${os}, ${way}, ${changes.length} changes; none was made\n${changes.map(({ line }) => `  ${printable(line)}\n`).join('')}${warnings(warned)}`
}

/** What stripping, or a change of the debug user, says. */
export function madeText({ out, size, changes, warnings: warned }: Stripped): string {
  return `${warnings(warned)}${changes.map((line) => `  ${printable(line)}\n`).join('')}${out}: ${changes.length} changes, ${mebibytes(size)}\n`
}

const SIGNS = { added: '+', removed: '-', changed: '~' } as const

export function differenceText({ path, kind, what }: Difference): string {
  return `${SIGNS[kind]} ${printable(path)}  ${what.map(printable).join(', ')}\n`
}

/** An inspection for people. */
export function inspectText({ image, record, enabled, altered }: Inspection): string {
  const rows: [string, string][] = [
    ['image', `${image}, ${record.os}, ${record.architecture}`],
    ['build', `${record.build}, ${record.built} by trovestrap ${record.version}`],
    ['content', `sha256 ${record.content}`],
    ['base', `${record.base.name}  sha256 ${record.base.sha256}`],
    ['node', `${record.node.version}  sha256 ${record.node.sha256}`],
    ['daemon', `sha256 ${record.bundle.sha256}, ${enabled ? 'starts at boot' : 'DOES NOT START at boot: its unit is not enabled'}`],
    ['host-server', record.urls.join(' ')],
    ['token', record.token === '' ? 'none: the cloud injects it' : `${record.token}  (its id; the secret is not shown)`],
    ['CA', record.ca],
    ['agent user', record.agent_user],
    ['debug user', record.debug_user ?? 'none'],
    ...(record.trove ? [['Trove', `${record.trove.revision.slice(0, 12)}  ${record.trove.description}`] as [string, string]] : []),
    ...record.accounts.map(({ kind, name, group }): [string, string] => ['account', kind === 'member' ? `${name} is a member of ${group}` : `${kind} ${name}`]),
    ...record.removed.map(({ path, target }): [string, string] => ['taken out', `${path} -> ${target}`]),
    ...record.put.map((put): [string, string] => [put.before ? 'replaced' : 'put in', put.kind === 'link' ? `${put.path} -> ${put.target}` : `${put.path}  ${(put.mode ?? 0).toString(8).padStart(4, '0')} ${put.uid}:${put.gid}`]),
    ...(altered.length === 0 ? [['altered', 'nothing since the build'] as [string, string]] : altered.map(({ path, how }): [string, string] => ['altered', `${path} ${how}`])),
  ]
  return rows.map(([name, text]) => `${name.padEnd(12)} ${printable(text)}\n`).join('')
}

function warnings(texts: readonly string[]): string {
  return texts.map((text) => `warning: ${printable(text)}\n`).join('')
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
