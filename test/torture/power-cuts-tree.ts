import { Value } from 'typebox/value'
import { Manifest, revisionOf } from '../../contract/manifest.ts'
import { GUEST } from '../../contract/paths.ts'
import { modeInTree } from '../../contract/source-tree.ts'
import type { Guest } from '../../lab/guest.ts'
import type { Login } from '../../lab/guest-shell.ts'

/** All that lies in the live tree, told by the guest's own tools; what Python compiled beside it is not of it. */
const LOOK = `cd ${GUEST.source}
readlink current
ls -A
echo --
cat ${GUEST.manifests}/$(readlink current).json
echo
echo --
cd current/
find . -name __pycache__ -prune -o -type f -printf 'file %m %P\\n' -o -type l -printf 'link %l %P\\n'
echo --
find . -name __pycache__ -prune -o -type f -print0 | xargs -0 sha256sum
`

/**
 * Whether a guest's live tree is the one that its host hands out, file by file, and nothing else.
 * @returns what is wrong with it; undefined: nothing
 */
export async function oneWholeTree(guest: Pick<Guest, 'shell'>, login: Login, revision: string): Promise<string | undefined> {
  const { code, stdout, stderr } = await guest.shell('sudo sh -se', login, LOOK)
  if (code !== 0) return `the tree could not be looked at: ${stderr.slice(-300)}`
  const [names, kept, nodes, digests] = stdout.split(/^--\n/m).map((text) => text.trim())
  const [current, ...beside] = names!.split('\n')
  if (current !== revision) return `the live tree is ${current}, the host hands out ${revision}`
  const half = beside.filter((name) => name !== 'current' && !/^[0-9a-f]{64}$/.test(name))
  if (half.length > 0) return `beside the tree lies ${half.join(', ')}`
  const { manifest } = JSON.parse(kept!) as { manifest: unknown }
  if (!Value.Check(Manifest, manifest) || revisionOf(manifest.entries) !== revision) return 'the manifest that is kept is not the revision'
  const expected = manifest.entries.map((entry) => (entry.type === 'link' ? `link ${entry.target} ${entry.path}` : `file ${modeInTree(entry.mode).toString(8)} ${entry.path}`))
  const contents = manifest.entries.flatMap((entry) => (entry.type === 'file' ? [`${entry.sha256}  ./${entry.path}`] : []))
  return difference(expected, nodes!.split('\n')) ?? difference(contents, digests!.split('\n'))
}

function difference(expected: readonly string[], seen: readonly string[]): string | undefined {
  const [wanted, there] = [new Set(expected), new Set(seen)]
  const lacks = expected.filter((line) => !there.has(line))
  const more = seen.filter((line) => !wanted.has(line))
  return lacks.length + more.length === 0 ? undefined : `of the tree ${lacks.length} entries are lacking (${lacks[0] ?? '-'}) and ${more.length} are foreign (${more[0] ?? '-'})`
}
