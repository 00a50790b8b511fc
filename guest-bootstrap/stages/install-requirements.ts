import { createHash } from 'node:crypto'
import { Fault } from '../../contract/fault.ts'
import { GUEST } from '../../contract/paths.ts'
import { MEMORY, recall, remember } from '../memory.ts'
import { runPip } from '../python/run-pip.ts'
import { survey, type Survey } from '../python/survey.ts'
import { makeVenv, venvPython, venvIsWhole } from '../python/overlay-venv.ts'
import type { Stage } from '../stage.ts'
import type { System } from '../system.ts'
import { currentManifest } from '../tree/current.ts'

const IMAGE_PYTHON = `${GUEST.imageVenv}/bin/python`
const SYSTEM_PYTHON = '/usr/bin/python3'
const REQUIREMENTS = `${GUEST.runtime}/requirements.txt`
const CONSTRAINTS = `${GUEST.runtime}/constraints.txt`

/** An interpreter in which the tree finds every module it names. */
export const installRequirements: Stage = {
  name: 'install-requirements',
  purpose: "have the tree's Python requirements, from the host's own index",

  async done(system) {
    const installed = recall(system.files, MEMORY.installed)
    if (!installed || installed.digest !== digest(system)) return false
    if (installed.python === venvPython && !venvIsWhole(system.files)) return false
    return installed.found.every((path) => system.files.stat(path) !== undefined)
  },

  async run(system) {
    const { files } = system
    const { python: wanted } = manifestOf(system)
    files.write(REQUIREMENTS, wanted.requirements.map((line) => `${line}\n`).join(''), { mode: 0o644 })
    files.write(CONSTRAINTS, wanted.constraints.map((line) => `${line}\n`).join(''), { mode: 0o644 })
    const base = interpreter(system)
    const ours = venvIsWhole(files) ? venvPython : base
    const before = await ask(system, ours, wanted.requires)
    if (!before.allowed) throw tooOld(ours, before, wanted.requires)
    if (before.missing.length === 0) return settle(system, ours, before, `Python ${before.version}, ${before.found.length} requirements met`)

    if (!before.pip) throw new Fault('PIP_MISSING', { python: ours }, `missing are ${before.missing.join(', ')}; apt-get install python3-pip in the image`)
    // Into the system's own Python pip never writes, whether it is marked as externally managed or not.
    const python = base === SYSTEM_PYTHON ? await makeVenv(system, base, before.managed) : base
    await runPip(system, python, { requirements: REQUIREMENTS, constraints: CONSTRAINTS, missing: before.missing })
    const after = await ask(system, python, wanted.requires)
    return settle(system, python, after, `Python ${after.version}, installed ${before.missing.map(nameOf).join(', ')}`)
  },
}

function ask(system: System, python: string, requires: string): Promise<Survey> {
  return survey(system, python, requires, { requirements: REQUIREMENTS, constraints: CONSTRAINTS })
}

/** @returns the note */
function settle(system: System, python: string, { found }: Survey, note: string): string {
  remember(system.files, MEMORY.installed, { digest: digest(system), python, found })
  return note
}

/** Trove's own image elements make a venv; everywhere else it is the system's Python. */
function interpreter({ files }: System): string {
  if (files.stat(IMAGE_PYTHON)) return IMAGE_PYTHON
  if (files.stat(SYSTEM_PYTHON)) return SYSTEM_PYTHON
  throw new Fault('PYTHON_MISSING', {}, `neither ${IMAGE_PYTHON} nor ${SYSTEM_PYTHON} is there`)
}

/** Changes with what is wanted and with the interpreter: its file's name has the version in it. */
function digest(system: System): string {
  const { requires, requirements, constraints } = manifestOf(system).python
  const base = interpreter(system)
  const target = system.files.link(base) ?? base
  return createHash('sha256').update(JSON.stringify([requires, requirements, constraints, base, target])).digest('hex')
}

function manifestOf(system: System) {
  const kept = currentManifest(system.files)
  if (!kept) throw new Fault('NOTHING_TO_FETCH', {}, 'there is no tree yet')
  return kept.manifest
}

function tooOld(python: string, { version }: Survey, requires: string): Fault {
  const mend = 'take an image with a newer Python, or serve an older Trove'
  return new Fault('PYTHON_TOO_OLD', { python, version, requires }, `the image has Python ${version}, the tree wants ${requires}; ${mend}`)
}

const nameOf = (line: string): string => /^[A-Za-z0-9._-]+/.exec(line)?.[0] ?? line
