import { readFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Whether node_modules has what package-lock.json says. npm writes down what it installed in node_modules/.package-lock.json.
 *
 * @param {string} root the project's folder
 * @returns {string | undefined} why not, or undefined when all is there
 */
export function staleness(root) {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installed)) return 'node_modules is missing'
  const there = packages(installed)
  for (const [path, { version, optional }] of Object.entries(packages(join(root, 'package-lock.json')))) {
    if (path === '' || optional) continue // optional ones may be for another platform
    if (there[path]?.version !== version) return `${path.replace(/^.*node_modules\//, '')} should be ${version}, is ${there[path]?.version ?? 'missing'}`
  }
  return undefined
}

/** @param {string} file @returns {Record<string, { version?: string, optional?: boolean }>} */
function packages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {}
}
