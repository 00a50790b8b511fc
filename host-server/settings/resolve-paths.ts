import { resolve } from 'node:path'

/** Keys whose value is a path. */
export const PATHS = [
  ['state'],
  ['source', 'path'],
  ['guest_config', 'path'],
  ['guest_config', 'trove_conf'],
  ['python', 'wheels'],
  ['python', 'constraints'],
  ['openstack', 'clouds_file'],
] as const

/** @returns a copy with relative paths made absolute, counted from `folder`; what is no path is left for the check to name */
export function resolvePaths(value: unknown, folder: string): unknown {
  const copy = structuredClone(value)
  for (const path of PATHS) {
    const parent = path.length === 1 ? copy : (copy as Record<string, unknown> | undefined)?.[path[0]]
    const key = path.at(-1)!
    if (typeof parent !== 'object' || parent === null) continue
    const section = parent as Record<string, unknown>
    if (typeof section[key] === 'string') section[key] = resolve(folder, section[key])
  }
  return copy
}
