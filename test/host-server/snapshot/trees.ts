import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { PythonSettings, SourceSettings } from '../../../host-server/settings.ts'

export const NO_PYTHON: PythonSettings = { requirements: [] }

export const sourceOf = (path: string, more: Partial<SourceSettings> = {}): SourceSettings => ({
  path,
  exclude: ['.*', '__pycache__', '*.pyc'],
  git_ignored: false,
  ...more,
})

/** Writes files by their paths below `root`. */
export function plant(root: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text, { mode: 0o644 })
  }
  return root
}

/** git as a user has it, with an identity and no settings of this machine. */
export function gitIn(root: string, ...args: string[]): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
  return execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'init.defaultBranch=master', ...args], { cwd: root, env, stdio: 'pipe' }).toString()
}
