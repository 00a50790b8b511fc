// Some files only fit each other: a CA's key, its certificate, and what it has signed. They change together or not at all.
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { syncFolder, writeBeside } from './write-beside.ts'

export interface Replacement {
  /** In the folder. */
  readonly name: string
  readonly content: string
  /** 0600 unless given. */
  readonly mode?: number
}

/**
 * Puts several files of one folder in their places. They are made in a folder of their own first, and once that has its final name all of
 * them will be in place: by this call, or after a kill or a power cut by the next `finishReplacing`.
 */
export function replaceTogether(folder: string, replacements: readonly Replacement[]): void {
  finishReplacing(folder)
  const making = `${staged(folder)}.tmp`
  rmSync(making, { recursive: true, force: true })
  mkdirSync(making, { mode: 0o700 })
  for (const { name, content, mode } of replacements) writeBeside(join(making, name), content, mode)
  renameSync(making, staged(folder))
  syncFolder(folder)
  finishReplacing(folder)
}

/** @returns whether there was something to finish */
export function finishReplacing(folder: string): boolean {
  if (!isReplacing(folder)) return false
  for (const name of readdirSync(staged(folder)).sort()) renameSync(join(staged(folder), name), join(folder, name))
  // The files are in their places on disk before the last trace goes of what was to be done.
  syncFolder(folder)
  rmdirSync(staged(folder))
  return true
}

/** Whether a replacement was interrupted: files of the folder may not fit each other. */
export function isReplacing(folder: string): boolean {
  return existsSync(staged(folder))
}

const staged = (folder: string): string => join(folder, 'replacing')
