import { lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import type { Evidence } from '../diagnosis/evidence.ts'
import { systemReason } from '../diagnosis/system-reason.ts'
import { CliError, EXIT } from './exit.ts'

/** Writes evidence whole or not at all; for its owner alone, because logs tell more than secrets. @throws CliError */
export function saveEvidence(file: string, evidence: Evidence): void {
  const beside = `${file}.${randomBytes(4).toString('hex')}`
  try {
    if (lstatSync(file, { throwIfNoEntry: false })?.isFile() === false) throw new Error('there is something already that is no regular file')
    writeFileSync(beside, `${JSON.stringify(evidence, null, 1)}\n`, { mode: 0o600, flag: 'wx', flush: true })
    renameSync(beside, file)
  } catch (error) {
    rmSync(beside, { force: true })
    throw new CliError(`--save ${file} cannot be written: ${systemReason(error)}`, EXIT.failed, { cause: error })
  }
}
