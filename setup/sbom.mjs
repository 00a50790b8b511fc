// `npm run sbom [-- FILE]`: a bill of materials in CycloneDX: what npm says of the lockfile, and the Debian packages that setup installs.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { wantedPackages } from './debian.mjs'
import { licencesOf } from './licences.mjs'

/** @typedef {{ name: string, version: string, licenses?: object[] }} Component */

/** @param {string} root the project's folder @returns {{ components: Component[] }} a CycloneDX 1.5 document */
export function bill(root) {
  const npm = JSON.parse(execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }))
  const licences = new Map(licencesOf(root).map(({ name, version, licence }) => [`${name}@${version}`, licence]))
  const packages = npm.components.map((/** @type {Component} */ component) => {
    const licence = licences.get(`${component.name}@${component.version}`)
    return component.licenses || !licence ? component : { ...component, licenses: [{ license: { name: licence } }] }
  })
  return { ...npm, components: [...packages, ...debianComponents()] }
}

/** In the version that is installed here; one that is not is named without. */
function debianComponents() {
  const wanted = wantedPackages({ cloud: true })
  const installed = versions(wanted.map(({ name }) => name))
  return wanted.map(({ name, because }) => {
    const version = installed.get(name)
    const purl = `pkg:deb/debian/${name}${version === undefined ? '' : `@${encodeURIComponent(version)}`}?distro=bookworm`
    return { 'bom-ref': purl, type: 'application', name, ...(version === undefined ? {} : { version }), scope: 'optional', description: because, purl }
  })
}

/** @param {string[]} names @returns {Map<string, string>} */
function versions(names) {
  try {
    const lines = execFileSync('dpkg-query', ['-W', '-f', '${db:Status-Abbrev}\t${Package}\t${Version}\n', ...names], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return installedIn(lines)
  } catch (error) {
    // exit status 1: some are unknown; the others are on stdout all the same. ENOENT: no Debian
    return installedIn(/** @type {{ stdout?: string }} */ (error).stdout ?? '')
  }
}

/** @param {string} lines @returns {Map<string, string>} */
function installedIn(lines) {
  const fields = lines.split('\n').map((line) => line.split('\t'))
  return new Map(fields.flatMap(([status, name, version]) => (status === 'ii ' && name && version ? [[name, version]] : [])))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = process.argv[2] ?? 'sbom.cdx.json'
  const made = bill(fileURLToPath(new URL('..', import.meta.url)))
  writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`)
  console.log(`${file}: CycloneDX, ${made.components.length} components`)
}
