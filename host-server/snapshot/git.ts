import { execFile } from 'node:child_process'
import { lstat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { SnapshotError } from './snapshot-error.ts'

const run = promisify(execFile)

/**
 * The checkout belongs to somebody else and its .git/config is theirs: nothing in it may start a program
 * (fsmonitor, hooks, a promisor remote that is fetched from), and nothing of this account's own git settings
 * may change what is listed.
 */
const HARMLESS = ['safe.directory=*', 'core.fsmonitor=false', 'core.hooksPath=/dev/null', 'core.excludesFile=/dev/null']
const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  LC_ALL: 'C',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_ALLOW_PROTOCOL: 'none',
}

/** Whether the folder is the top of a git work tree (`.git` is a file in linked work trees and submodules). */
export async function isWorkTree(root: string): Promise<boolean> {
  return lstat(join(root, '.git')).then(
    () => true,
    () => false,
  )
}

/**
 * @param root top of a work tree
 * @throws SnapshotError when git is not installed or refuses
 */
export async function git(root: string, args: readonly string[], signal?: AbortSignal): Promise<Buffer> {
  const settings = HARMLESS.flatMap((setting) => ['-c', setting])
  try {
    const { stdout } = await run('git', [...settings, '--work-tree', root, ...args], {
      cwd: root,
      // Without the ceiling git would take a repository further up when this one is broken.
      env: { ...ENVIRONMENT, GIT_CEILING_DIRECTORIES: dirname(root) },
      encoding: 'buffer',
      maxBuffer: 256 * 1024 * 1024,
      timeout: 60_000,
      ...(signal ? { signal } : {}),
    })
    return stdout
  } catch (error) {
    signal?.throwIfAborted()
    const { code, stderr } = error as { code?: unknown; stderr?: Buffer }
    const why = code === 'ENOENT' ? 'git is not installed (apt install git)' : (stderr?.toString().trim().split('\n')[0] ?? String(code))
    throw new SnapshotError('git', `source.path ${root} has a .git, but git ${args[0]} failed: ${why}`, { cause: error })
  }
}

/** As `git`, for questions to which no answer is an answer: undefined. */
export async function askGit(root: string, args: readonly string[], signal?: AbortSignal): Promise<string | undefined> {
  try {
    return (await git(root, args, signal)).toString('utf8').trim()
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof SnapshotError) return undefined
    throw error
  }
}
