import { GUEST } from '../../contract/paths.ts'
import { ROUTES } from '../../contract/routes.ts'
import { Fault } from '../../contract/fault.ts'
import type { Secret } from '../../contract/secret.ts'
import { credential, hostUrl } from '../host.ts'
import { ownSecrets } from '../own-secrets.ts'
import type { System } from '../system.ts'
import { openVenv, sealVenv, venvPython } from './overlay-venv.ts'
import { pipFault } from './pip-fault.ts'

const CONFIG = `${GUEST.runtime}/pip.conf`
/** pip's home folder, in which it looks for a netrc. */
const HOME = `${GUEST.runtime}/pip`
/** The lines that pip was working on when the power went. */
const INTERRUPTED = `${GUEST.state}/pip-running.txt`
const OPTIONS = ['--no-input', '--disable-pip-version-check', '--no-cache-dir', '--progress-bar', 'off', '--no-warn-script-location']
/** Seconds. Under emulation pip alone takes ten. */
const LIMIT = 1800

/**
 * Installs from the wheels that came with the image when they suffice, else from the host's index, and from nowhere else. The credential
 * goes in through a netrc that only root reads, so it stands in no process's arguments or environment: of what stands in the index's URL, pip
 * makes arguments for the second pip that it starts where something has to be built.
 */
export async function runPip(system: System, python: string, wanted: { requirements: string; constraints: string; missing: readonly string[] }): Promise<void> {
  const { files } = system
  try {
    if (python === venvPython) openVenv(files)
    // A package that was being unpacked may look installed; in a venv that cannot be made anew it is put in again.
    else if (files.stat(INTERRUPTED)) await pip(system, python, ['--force-reinstall', '--no-deps', '-r', INTERRUPTED])
    files.write(INTERRUPTED, wanted.missing.map((line) => `${line}\n`).join(''), { mode: 0o600 })
    await pip(system, python, ['-r', wanted.requirements, '-c', wanted.constraints])
    if (python === venvPython) await sealVenv(system)
    else await files.flush(GUEST.imageVenv)
    files.remove(INTERRUPTED)
  } finally {
    files.remove(CONFIG)
    files.remove(HOME)
  }
}

async function pip(system: System, python: string, what: readonly string[]): Promise<void> {
  if (system.files.list(GUEST.wheelhouse).length > 0) {
    try {
      return await pipFrom(LOCAL, system, python, what)
    } catch (error) {
      if (!(error instanceof Fault) || hostUrl(system) === undefined) throw error
    }
  }
  const { url, bearer } = indexOf(system)
  system.files.folder(HOME, { mode: 0o700 })
  system.files.write(`${HOME}/.netrc`, netrc(url, bearer), { mode: 0o600 })
  // An empty extra-index-url takes the place of one in /etc/pip.conf.
  await pipFrom({ 'index-url': url.href, 'extra-index-url': '', cert: GUEST.ca, timeout: 15, retries: 1 }, system, python, what)
}

type Source = Readonly<Record<string, string | number>>

/** Empty options take the place of those in /etc/pip.conf. */
const LOCAL: Source = { 'no-index': 'true', 'find-links': GUEST.wheelhouse, 'extra-index-url': '' }

async function pipFrom(source: Source, system: System, python: string, what: readonly string[]): Promise<void> {
  system.files.write(CONFIG, `[global]\n${Object.entries(source).map(([name, value]) => `${name} = ${value}\n`).join('')}`, { mode: 0o600 })
  const env = { PIP_CONFIG_FILE: CONFIG, HOME }
  const { code, stdout, stderr } = await system.run(python, ['-m', 'pip', 'install', ...OPTIONS, ...what], { env, timeout: LIMIT })
  if (code === undefined) throw new Fault('PIP_FAILED', { python }, `pip was stopped after ${LIMIT / 60} minutes`)
  if (code !== 0) throw pipFault(stdout + stderr, python, ownSecrets(system.files))
}

function indexOf(system: System): { url: URL; bearer: Secret } {
  const url = hostUrl(system)
  const bearer = credential(system)
  if (url === undefined || !bearer) throw new Fault('HOST_SILENT', {}, 'the index is on the host')
  return { url: new URL(ROUTES.simple, url), bearer }
}

/** requests before 2.32.4, which pip carries, cuts an IPv6 address at its first colon. */
function netrc({ hostname, host }: URL, bearer: Secret): string {
  const [login, password] = bearer.reveal().split('.')
  const names = new Set([hostname.replace(/^\[|\]$/g, ''), host.split(':')[0]!])
  return [...names].map((name) => `machine ${name} login ${login} password ${password}\n`).join('')
}
