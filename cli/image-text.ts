import type { Inspection } from '../image-builder/inspect-image.ts'
import type { BuildResult } from '../image-builder/wish.ts'

/** What a finished build says. */
export function buildText(result: BuildResult): string {
  const warnings = result.warnings.map((warning) => `warning: ${warning}\n`).join('')
  return `${warnings}${result.out}: ${result.os}, ${mebibytes(result.payload)} put in, ${result.changes.length} changes, ${result.took.toFixed(1)} s
  trovestrap image inspect ${result.out}    shows them
  openstack image create --disk-format qcow2 --container-format bare --file ${result.out} NAME\n`
}

/** An inspection for people. */
export function inspectText({ image, record, enabled, altered }: Inspection): string {
  const rows: [string, string][] = [
    ['image', `${image}, ${record.os}, ${record.architecture}`],
    ['built', `${record.built} by trovestrap ${record.version}`],
    ['base', `${record.base.name}  sha256 ${record.base.sha256}`],
    ['node', `${record.node.version}  sha256 ${record.node.sha256}`],
    ['daemon', `sha256 ${record.bundle.sha256}, ${enabled ? 'starts at boot' : 'DOES NOT START at boot: its unit is not enabled'}`],
    ['host-server', record.urls.join(' ')],
    ['token', `${record.token}  (its id; the secret is not shown)`],
    ['CA', record.ca],
    ['agent user', record.agent_user],
    ['debug user', record.debug_user ?? 'none'],
    ...record.edited.map(({ path, note }): [string, string] => ['edited', `${path}: ${note}`]),
    ...record.removed.map(({ path, target }): [string, string] => ['taken out', `${path} -> ${target}`]),
    ...record.files.map(({ path, mode, uid, gid }): [string, string] => ['put in', `${path}  ${mode.toString(8).padStart(4, '0')} ${uid}:${gid}`]),
    ...record.links.map(({ path, target }): [string, string] => ['put in', `${path} -> ${target}`]),
    ...(altered.length === 0 ? [['altered', 'nothing since the build'] as [string, string]] : altered.map(({ path, how }): [string, string] => ['altered', `${path} ${how}`])),
  ]
  return rows.map(([name, text]) => `${name.padEnd(12)} ${text}\n`).join('')
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
