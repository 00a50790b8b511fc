import { GUEST } from '../../../contract/paths.ts'
import { readText, stat, walk, type Tree } from '../../tree.ts'
import type { Check, Finding } from '../finding.ts'

/** Secret whatever is in them. */
const SECRET_FILES = [GUEST.config, '/etc/shadow', '/etc/gshadow', '/etc/shadow-', '/etc/gshadow-', GUEST.servedConfig]
/** Lines of oslo.config that hold one. */
const SECRET_LINE = /^[ \t]*(?:transport_url|\w{0,40}password|\w{0,40}encr_key|\w{0,40}secret\w{0,40})[ \t]*[=:][ \t]*\S|^[ \t]*connection[ \t]*=[ \t]*\w{1,20}(?:\+\w{1,20})?:\/\/[^\s:@/]{0,200}:[^\s@/]{1,200}@/m
const MOST = 1000
const LIMIT = 2 ** 18

/** Whoever gets into a guest by any service could read them. */
export const openSecrets: Check = {
  id: '-',
  looksFor: 'secrets that every user of the guest may read',
  async find({ tree }) {
    const found: Finding[] = []
    for (const path of SECRET_FILES) {
      const node = await stat(tree, path)
      if (node?.type === 'file' && (await everybodyReads(tree, node.path))) found.push(finding(path, node.mode, 'chmod o='))
    }
    const state = await stat(tree, GUEST.state)
    if (state && (state.mode & 0o007) !== 0) found.push(finding(GUEST.state, state.mode, 'chmod 0700'))
    return [...found, ...(await withSecretLines(tree))]
  },
}

async function withSecretLines(tree: Tree): Promise<Finding[]> {
  const found: Finding[] = []
  let seen = 0
  for await (const { path, node } of walk(tree, '/etc/trove')) {
    if (++seen > MOST) break
    if (node.type !== 'file' || path === GUEST.servedConfig || !(await everybodyReads(tree, path))) continue
    if (SECRET_LINE.test((await readText(tree, path, LIMIT)) ?? '')) found.push(finding(path, node.mode, 'chmod o='))
  }
  return found
}

/** A file in a folder that is closed to others is closed too. */
async function everybodyReads(tree: Tree, path: string): Promise<boolean> {
  const node = await tree.lstat(path)
  if (!node || (node.mode & 0o004) === 0) return false
  const parts = path.split('/').slice(1, -1)
  const above = await Promise.all(parts.map((_, count) => tree.lstat(`/${parts.slice(0, count + 1).join('/')}`)))
  return above.every((folder) => folder !== undefined && (folder.mode & 0o001) !== 0)
}

function finding(path: string, mode: number, command: string): Finding {
  return { id: '-', code: 'world-readable-secret', level: 'error', what: `${path} holds secrets and is open to every user of the guest (mode ${mode.toString(8).padStart(4, '0')})`, mend: `${command} ${path} in the base image`, path }
}
