// `npm run licences`: every package of the lockfile under its licence. What is put into guests or runs on a host comes first; what is
// needed to develop alone is marked.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** @typedef {{ name: string, version: string, licence: string, development: boolean }} Licensed */

/**
 * @param {string} root the project's folder
 * @returns {Licensed[]} in the lockfile's order; `none stated` where a package does not say
 */
export function licencesOf(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return Object.entries(packages).flatMap(([path, { version, license, dev = false }]) => {
    if (path === '') return []
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    return [{ name, version, licence: license ?? stated(join(root, path, 'package.json')), development: dev }]
  })
}

/** The lockfile takes no `licenses`, which is how older packages say it. @param {string} file */
function stated(file) {
  const { license, licenses } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  return license ?? licenses?.map((/** @type {{ type: string }} */ { type }) => type).join(' OR ') ?? 'none stated'
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const all = licencesOf(fileURLToPath(new URL('..', import.meta.url)))
  for (const licence of [...new Set(all.map((each) => each.licence))].sort()) {
    const those = all.filter((each) => each.licence === licence).sort((one, other) => Number(one.development) - Number(other.development))
    console.log(`${licence} (${those.length})`)
    for (const { name, version, development } of those) console.log(`  ${name} ${version}${development ? '  (development)' : ''}`)
  }
}
