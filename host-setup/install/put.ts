import { chmodSync, copyFileSync, existsSync, lchownSync, lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Wanted } from './wanted.ts'

/** Behind a file's name while it is not whole; always the same, so that the next attempt takes its place. */
const BESIDE = '.trovestrap-new'

/** Puts a file or link in its place whole or not at all. @param path where it lies from here */
export function put(wanted: Wanted, path: string): void {
  const beside = path + BESIDE
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  if (lstatSync(beside, { throwIfNoEntry: false }) !== undefined) unlinkSync(beside)
  if ('link' in wanted) symlinkSync(wanted.link, beside)
  else {
    if ('from' in wanted) copyFileSync(wanted.from, beside)
    else writeFileSync(beside, wanted.content)
    chmodSync(beside, wanted.mode)
  }
  renameSync(beside, path)
}

/** And what an attempt that was ended has left beside it. */
export function takeAway(path: string): void {
  for (const one of [path, path + BESIDE]) if (lstatSync(one, { throwIfNoEntry: false }) !== undefined) unlinkSync(one)
}

/** Gives a folder and all that is in it to somebody; itself last, so that whose it is says whether all was given. */
export function giveTree(folder: string, owner: { readonly uid: number; readonly gid: number }): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) lchownSync(join(folder, name), owner.uid, owner.gid)
  lchownSync(folder, owner.uid, owner.gid)
}

/** Folders on the way to these paths that are not there yet, outermost first; without the way to a --root. */
export function missingFolders(paths: readonly string[], at: (path: string) => string): string[] {
  const missing = new Set<string>()
  for (const path of paths) for (let folder = dirname(path); folder !== '/' && !missing.has(folder) && !existsSync(at(folder)); folder = dirname(folder)) missing.add(folder)
  return [...missing].sort((a, b) => a.length - b.length)
}

/** Of these folders, those that are empty, and those that are empty then. */
export function removeEmpty(folders: readonly string[], at: (path: string) => string): void {
  for (const folder of [...folders].sort((a, b) => b.length - a.length)) if (existsSync(at(folder)) && readdirSync(at(folder)).length === 0) rmdirSync(at(folder))
}
