import { watch, type FSWatcher } from 'node:fs'

/** Milliseconds without a change that end a burst: an editor's writes and those of a checkout follow each other within less. */
const QUIET_MS = 60
/** A tree that never comes to rest is looked at all the same. */
const LONGEST_MS = 2_000

export interface Watching {
  close(): void
}

/**
 * Says when a tree has changed and came to rest, once for a burst of writes. What git does to its own folder is no change of the tree; the
 * work tree's files are.
 * @param changed is not called again before it has ended
 * @param failed the tree can no longer be watched: one line, for the log
 */
export function watchTree(root: string, changed: () => Promise<void>, failed: (why: string) => void): Watching {
  let watcher: FSWatcher | undefined
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

  try {
    watcher = watch(root, { recursive: true }, (_event, name) => {
      if (name === null || !/(^|\/)\.git(\/|$)|(^|\/)__pycache__(\/|$)/.test(name)) note()
    })
    watcher.on('error', (error) => failed(`${root} can no longer be watched: ${error.message}`))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    failed(code === 'ENOSPC' ? `${root} has more folders than may be watched: sysctl fs.inotify.max_user_watches=524288` : `${root} cannot be watched: ${message}`)
  }
  return {
    close() {
      clearTimeout(timer)
      watcher?.close()
    },
  }
}
