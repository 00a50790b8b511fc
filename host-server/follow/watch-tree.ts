// chokidar and not node:fs alone: its recursive watch loses a file that was replaced by another, which is how editors save.
import { watch } from 'chokidar'

/** Milliseconds without a change that end a burst: an editor's writes and those of a checkout follow each other within less. */
const QUIET_MS = 60
/** A tree that never comes to rest is looked at all the same. */
const LONGEST_MS = 2_000

const NO_SOURCE = /\/(\.git|__pycache__)(\/|$)/

export interface Watching {
  /** Every folder is watched from now on. */
  readonly ready: Promise<void>
  close(): Promise<void>
}

/**
 * Says when a tree has changed and came to rest, once for a burst of writes. What git does to its own folder is no change of the tree; the
 * work tree's files are.
 * @param changed is not called again before it has ended
 * @param failed the tree can no longer be watched: one line, for the log
 */
export function watchTree(root: string, changed: () => Promise<void>, failed: (why: string) => void): Watching {
  let timer: NodeJS.Timeout | undefined
  let began = 0
  let busy = false
  let again = false

  async function fire(): Promise<void> {
    timer = undefined
    began = 0
    if (busy) {
      again = true
      return
    }
    busy = true
    await changed().finally(() => (busy = false))
    if (again) note()
    again = false
  }

  function note(): void {
    const now = performance.now()
    began ||= now
    clearTimeout(timer)
    timer = setTimeout(() => void fire(), Math.max(0, Math.min(QUIET_MS, began + LONGEST_MS - now)))
  }

  const watcher = watch(root, { ignoreInitial: true, followSymlinks: false, ignorePermissionErrors: true, ignored: (path) => NO_SOURCE.test(path.slice(root.length)) })
  watcher.on('all', note).on('error', (error) => failed(explain(root, error as NodeJS.ErrnoException)))
  return {
    ready: new Promise((resolve) => watcher.once('ready', () => resolve())),
    async close() {
      clearTimeout(timer)
      await watcher.close()
    },
  }
}

function explain(root: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOSPC') return `${root} has more files than may be watched; type: sysctl fs.inotify.max_user_watches=524288`
  return `${root} can no longer be watched: ${message}`
}
