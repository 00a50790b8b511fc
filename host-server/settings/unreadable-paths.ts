import { accessSync, constants, statSync } from 'node:fs'
import { explainAccess } from './explain-access.ts'
import type { SettingsFault } from './settings-error.ts'

/** trove_conf is not among them: without it nothing is compared, and that is a warning. */
const READ = [
  { section: 'source', key: 'path', kind: 'folder' },
  { section: 'guest_config', key: 'path', kind: 'file' },
  { section: 'python', key: 'wheels', kind: 'folder' },
  { section: 'python', key: 'constraints', kind: 'file' },
  { section: 'openstack', key: 'clouds_file', kind: 'file' },
] as const

/** @param value filled settings with absolute paths; its form may still be wrong elsewhere */
export function unreadablePaths(value: unknown): SettingsFault[] {
  return READ.flatMap(({ section, key, kind }) => {
    const path = (value as Record<string, Record<string, unknown> | undefined> | undefined)?.[section]?.[key]
    const problem = typeof path === 'string' ? problemOf(path, kind) : undefined
    return problem === undefined ? [] : [{ key: `${section}.${key}`, problem }]
  })
}

function problemOf(path: string, kind: 'folder' | 'file'): string | undefined {
  try {
    const isFolder = statSync(path).isDirectory()
    if (isFolder !== (kind === 'folder')) return `expected a ${kind}, got a ${isFolder ? 'folder' : 'file'}: ${path}`
    accessSync(path, isFolder ? constants.R_OK | constants.X_OK : constants.R_OK)
    return undefined
  } catch (error) {
    return explainAccess(path, error)
  }
}
