import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { ProgramError, type Files, type FileStat, type System } from '../system.ts'

/**
 * @param root what stands before every path; `/` in a guest, a scratch folder in tests
 * @param run for `sync`, which reaches syncfs(2): one call in place of an fsync for each of hundreds of files
 */
export function realFiles(root: string, run: System['run']): Files {
  const real = (path: string): string => join(root, path)
  const files: Files = {
    text: (path) => files.bytes(path)?.toString('utf8'),
    bytes: (path) => unlessAbsent(() => fs.readFileSync(real(path))),
    stat: (path) => unlessAbsent(() => statOf(fs.lstatSync(real(path)))),
    link: (path) => unlessAbsent(() => (fs.lstatSync(real(path)).isSymbolicLink() ? fs.readlinkSync(real(path)) : undefined)),
    list: (folder) => unlessAbsent(() => fs.readdirSync(real(folder)).sort()) ?? [],
    write(path, content, attributes) {
      files.folder(dirname(path))
      const beside = `${real(path)}.new`
      const file = fs.openSync(beside, 'w', attributes.mode)
      try {
        // The mode of open is cut by the umask, and does nothing to what a power cut has left there.
        fs.fchmodSync(file, attributes.mode)
        if (attributes.owner) fs.fchownSync(file, attributes.owner.uid, attributes.owner.gid)
        fs.writeFileSync(file, content)
        fs.fsyncSync(file)
      } finally {
        fs.closeSync(file)
      }
      fs.renameSync(beside, real(path))
      flushFolder(real(dirname(path)))
    },
    create(path, mode) {
      const file = fs.openSync(real(path), 'wx', mode)
      fs.fchmodSync(file, mode)
      return { write: (bytes) => writeWhole(file, bytes), close: () => fs.closeSync(file) }
    },
    folder(path, attributes) {
      fs.mkdirSync(real(path), { recursive: true, mode: 0o755 })
      if (attributes) files.own(path, attributes)
    },
    point(path, target) {
      files.folder(dirname(path))
      const beside = `${real(path)}.new`
      fs.rmSync(beside, { force: true, recursive: true })
      fs.symlinkSync(target, beside)
      fs.renameSync(beside, real(path))
      flushFolder(real(dirname(path)))
    },
    symlink: (path, target) => fs.symlinkSync(target, real(path)),
    rename(from, to) {
      fs.renameSync(real(from), real(to))
      flushFolder(real(dirname(to)))
    },
    remove: (path) => fs.rmSync(real(path), { recursive: true, force: true }),
    own(path, { mode, owner }) {
      fs.chmodSync(real(path), mode)
      if (owner) fs.lchownSync(real(path), owner.uid, owner.gid)
    },
    free(path) {
      const { bfree, bsize } = fs.statfsSync(real(path))
      return bfree * bsize
    },
    async flush(path) {
      try {
        if ((await run('sync', ['-f', real(path)])).code === 0) return
      } catch (error) {
        if (!(error instanceof ProgramError)) throw error
      }
      flushEach(real(path))
    },
  }
  return files
}

function unlessAbsent<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

function statOf(stat: fs.Stats): FileStat {
  const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : 'other'
  return { kind, mode: stat.mode & 0o7777, size: stat.size, uid: stat.uid, gid: stat.gid }
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(file, bytes, at)
}

/** A rename survives a power cut only once the folder is flushed. */
function flushFolder(path: string): void {
  const folder = fs.openSync(path, 'r')
  try {
    fs.fsyncSync(folder)
  } finally {
    fs.closeSync(folder)
  }
}

/** For a machine without coreutils' `sync -f` (before 8.24). */
function flushEach(path: string): void {
  for (const entry of fs.readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() || entry.isDirectory()) flushFolder(join(entry.parentPath, entry.name))
  }
  flushFolder(path)
}
