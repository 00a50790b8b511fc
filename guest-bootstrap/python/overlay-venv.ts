import { Fault } from '../../contract/fault.ts'
import { GUEST } from '../../contract/paths.ts'
import type { Files, System } from '../system.ts'
import { diskFault } from './disk-fault.ts'

export const venvPython = `${GUEST.venv}/bin/python`
/** Written last, removed first: a venv holds absolute paths, so it cannot be made beside and renamed. */
const STAMP = `${GUEST.venv}/.whole`

export const venvIsWhole = (files: Files): boolean => files.stat(STAMP) !== undefined

/** What is being changed is not whole; if the power goes now, the next boot begins anew. */
export function openVenv(files: Files): void {
  files.remove(STAMP)
}

/** @returns when the venv survives a power cut */
export async function sealVenv(system: System): Promise<void> {
  await system.files.flush(GUEST.venv)
  system.files.write(STAMP, '', { mode: 0o644 })
}

/** A venv that sees the system's packages and adds to them; pip is the system's. @throws Fault PYTHON_MANAGED */
export async function makeVenv(system: System, base: string, managed: boolean): Promise<string> {
  if (venvIsWhole(system.files)) return venvPython
  system.files.remove(GUEST.venv)
  const { code, stdout, stderr } = await system.run(base, ['-m', 'venv', '--system-site-packages', '--without-pip', GUEST.venv], { timeout: 300 })
  if (code === 0) return venvPython
  const full = diskFault(stderr + stdout)
  if (full) throw full
  const why = (stderr || stdout).trim().split('\n').at(-1) ?? ''
  throw new Fault('PYTHON_MANAGED', { python: base, managed }, `${why}; apt-get install python3-venv in the image`)
}
