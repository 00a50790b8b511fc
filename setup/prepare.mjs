// prepare.mjs [cloud]: runs before `npm start`, `npm test` and others, on whatever Node is there (18 or newer) and with nothing
// installed yet: brings the npm packages and the Debian packages that are missing. Says nothing when nothing is.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import { missingPackages, unsuitable, wantedPackages } from './debian.mjs'
import { staleness } from './npm-packages.mjs'
import { watchedRun } from './watched-run.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const INSTALLER = fileURLToPath(new URL('install-debian-packages.sh', import.meta.url))

try {
  await npmPackages()
  await debianPackages()
} catch (error) {
  process.stderr.write(`trovestrap: ${/** @type {Error} */ (error).message}\n`)
  process.exitCode = 1
}

async function npmPackages() {
  const why = staleness(ROOT)
  if (why === undefined) return
  // our own Node lies in the folder that npm is about to replace
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules')).join(delimiter)
  await watchedRun(`npm ci (${why})`, ['npm', 'ci'], { cwd: ROOT, env: { ...process.env, PATH: path } })
}

async function debianPackages() {
  const obstacle = unsuitable(read('/etc/os-release'), process.arch)
  if (obstacle !== undefined) throw new Error(obstacle)
  const missing = missingPackages(wantedPackages({ cloud: process.argv.includes('cloud') }))
  if (missing.length === 0) return
  const names = missing.map(({ name }) => name)
  const root = privilege()
  if (root === undefined) throw new Error(`missing Debian packages, and no sudo to install them; as root, type:\n  apt-get update && apt-get install --no-install-recommends ${names.join(' ')}`)
  process.stderr.write(`Debian packages that are missing, installed now with apt-get${root.length > 0 ? ' (sudo)' : ''}; none of their services is started:\n`)
  for (const { name, because } of missing) process.stderr.write(`  ${name.padEnd(18)} ${because}\n`)
  const units = missing.flatMap(({ units }) => units ?? [])
  if (root.length > 0 && process.stdin.isTTY) spawnSync('sudo', ['-v'], { stdio: 'inherit' }) // its question before our line in place
  await watchedRun(`apt-get install (${names.length} and what they need)`, [...root, INSTALLER, ...names, '--', ...units])
}

/** @returns {string[] | undefined} what to put before a command so that it runs as root; undefined when nothing does */
function privilege() {
  if (process.getuid?.() === 0) return []
  const ask = process.stdin.isTTY ? ['--version'] : ['-n', 'true'] // without a terminal nobody types a password
  return spawnSync('sudo', ask, { stdio: 'ignore' }).status === 0 ? ['sudo'] : undefined
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
