import type { SourceSettings } from '../settings.ts'
import { askGit, isWorkTree } from './git.ts'
import { header } from './python-needs.ts'
import type { TreeFiles } from './tree-files.ts'

interface SourceWords {
  readonly description: string
  readonly version: string
}

/**
 * What people read about a tree, and what pbr shall believe. The version is, in this order: the configured one, git's last version tag
 * in pbr's way, PKG-INFO (sdist, egg-info), debian/changelog. A tree that tells none (a shallow clone) gets 0.0.0, which pbr takes and the
 * agent never compares; the description says so.
 */
export async function describeSource(root: string, source: SourceSettings, files: TreeFiles, signal?: AbortSignal): Promise<SourceWords> {
  const tagged = (await isWorkTree(root)) ? await askGit(root, ['describe', '--tags', '--long', '--abbrev=7', '--match', '[0-9]*', 'HEAD'], signal) : undefined
  const [, tag, distance, commit] = /^(.*)-(\d+)-g([0-9a-f]+)$/.exec(tagged ?? '') ?? []
  const byGit = tag === undefined ? undefined : pbrVersion(tag, Number(distance))
  const packaged = header(files.packageInfo(), 'Version') ?? debianVersion(files.get('debian/changelog'))
  const version = source.version ?? byGit ?? packaged ?? '0.0.0'
  const head = tag !== undefined || !(await isWorkTree(root)) ? undefined : await askGit(root, ['rev-parse', '--short=7', 'HEAD'], signal)
  const known = source.version ?? byGit ?? packaged
  const description =
    tag !== undefined ? (distance === '0' ? tag : `${tag}-${distance}-g${commit}`)
    : head !== undefined ? `commit ${head}`
    : packaged !== undefined ? `trove ${packaged}`
    : 'trove'
  const note = known === undefined ? ' (version unknown, 0.0.0 is served; set source.version)' : ''
  return { description: (description + note).slice(0, 200), version }
}

/**
 * pbr's version for `distance` commits after a tag (pbr.packaging._get_version_from_git_target): the next patch level, or the next
 * pre-release, as .devN. Its `Sem-Ver:` commit headers, which can ask for a larger step, are not read.
 * @returns undefined for a tag that is no version, such as zed-eol
 */
export function pbrVersion(tag: string, distance: number): string | undefined {
  const parts = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:\.?0?(a|b|rc)(\d+))?$/.exec(tag)
  if (!parts) return undefined
  const [, major, minor, patch = '0', kind, serial] = parts
  const step = distance > 0 ? 1 : 0
  const release = `${major}.${minor}.${Number(patch) + (kind === undefined ? step : 0)}`
  return release + (kind === undefined ? '' : `.0${kind}${Number(serial) + step}`) + (step ? `.dev${distance}` : '')
}

/** Upstream's part of the newest entry, `trove (1:18.0.0~rc1-2) unstable; …`. */
function debianVersion(changelog: string | undefined): string | undefined {
  const [, version] = /^\S+ \((?:\d+:)?([^)]+)\)/.exec(changelog ?? '') ?? []
  const upstream = version?.replace(/-[^-]*$/, '').replace(/[+~](git|dfsg|ds|really).*$/, '').replace('~', '.0')
  return upstream !== undefined && /^\d+(\.\d+)*(\.0(a|b|rc)\d+)?$/.test(upstream) ? upstream : undefined
}
