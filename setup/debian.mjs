import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** @typedef {{ name: string, because: string, for?: 'cloud', units?: string[] }} DebianPackage */

/**
 * @param {{ cloud: boolean }} lanes whether the lab's whole cloud is wanted, too: a third of a gigabyte that a guest alone does not need
 * @returns {DebianPackage[]} what the lab needs, each with its reason
 */
export function wantedPackages({ cloud }) {
  /** @type {DebianPackage[]} */
  const all = JSON.parse(readFileSync(new URL('debian-packages.json', import.meta.url), 'utf8'))
  return all.filter((wanted) => cloud || wanted.for !== 'cloud')
}

/**
 * @param {string} osRelease text of /etc/os-release
 * @param {string} arch process.arch
 * @returns {string | undefined} why the lab cannot run here
 */
export function unsuitable(osRelease, arch) {
  const field = (/** @type {string} */ name) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(osRelease)?.[1]
  const here = `${field('PRETTY_NAME') ?? 'an unknown system'} on ${arch}`
  if (field('ID') === 'debian' && field('VERSION_ID') === '12' && arch === 'x64') return undefined
  return `the demo and the tests that boot guests need Debian 12 (bookworm) on amd64, for its packages of Trove; this is ${here}`
}

/** @param {DebianPackage[]} wanted @returns {DebianPackage[]} those that are not installed */
export function missingPackages(wanted) {
  const installed = new Set(status(wanted.map(({ name }) => name)).split('\n').filter((line) => line.startsWith('ii ')).map((line) => line.slice(3)))
  return wanted.filter(({ name }) => !installed.has(name))
}

/** @param {string[]} names */
function status(names) {
  const args = ['-W', '-f', '${db:Status-Abbrev}${Package}\n', ...names]
  try {
    return execFileSync('dpkg-query', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch (error) {
    // exit status 1: some are unknown; the others are on stdout all the same
    const { status, stdout } = /** @type {{ status?: number, stdout?: string }} */ (error)
    if (status === 1) return stdout ?? ''
    throw error
  }
}

