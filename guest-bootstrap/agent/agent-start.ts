import { Fault } from '../../contract/fault.ts'
import { foldersOf, treeOf } from '../../contract/source-tree.ts'
import { agentUser } from '../agent-user.ts'
import { MEMORY, recall } from '../memory.ts'
import type { Owner, System } from '../system.ts'
import { currentManifest } from '../tree/current.ts'

/** How the agent is to be started; all of it follows from what lies on the disk. */
export interface AgentStart {
  readonly user: Owner & { readonly name: string }
  readonly python: string
  /** The tree by its revision, not by the live link: a swap must not mix two versions in one process. */
  readonly tree: string
  /** What pbr shall believe of the tree's version. */
  readonly version: string
  /** Whether the tree is a checkout with its own starter. */
  readonly starter: boolean
  /** In follow mode it is stopped often, by somebody who waits. */
  readonly follows: boolean
}

/** @throws Fault when an earlier stage has not done its part */
export function agentStart({ files }: System): AgentStart {
  const kept = currentManifest(files)
  const installed = recall(files, MEMORY.installed)
  if (!kept || !installed) throw new Fault('NOTHING_TO_FETCH', {}, 'there is no tree yet')
  const { revision, source } = kept.manifest
  const tree = treeOf(revision)
  return {
    user: agentUser(files),
    python: installed.python,
    tree,
    version: source.version,
    follows: recall(files, MEMORY.followed) !== undefined,
    starter: files.stat(`${tree}/contrib/trove-guestagent`) !== undefined,
  }
}

/** What the agent's process finds in its environment. */
export function agentEnvironment({ tree, version }: AgentStart): Record<string, string> {
  return { PYTHONPATH: tree, PYTHONUNBUFFERED: '1', ...(/^[\w.+!-]+$/.test(version) ? { PBR_VERSION: version } : {}) }
}

/**
 * The sources of a tree are not the agent's to write, but its compiled modules may lie beside them: without, each start of the agent
 * would compile a hundred of them anew. PYTHONPYCACHEPREFIX is no way: it also hides what the distribution has compiled.
 */
export function openPycache({ files }: System, { user, tree }: AgentStart): void {
  const modules = currentManifest(files)?.manifest.entries.filter(({ path }) => path.endsWith('.py')) ?? []
  const folders = new Set(modules.map(({ path }) => foldersOf(path).at(-1)))
  for (const folder of folders) {
    const path = [tree, folder, '__pycache__'].filter((part) => part !== undefined).join('/')
    if (files.stat(path) === undefined) files.folder(path, { mode: 0o755, owner: user })
  }
}
