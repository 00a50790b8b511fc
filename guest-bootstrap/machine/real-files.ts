import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { ProgramError, type Attributes, type Files, type FileSink, type FileStat, type System } from '../system.ts'

/** Bytes that are read at once of a file that may be large. */
const PIECE = 256 * 1024

/**
 * @param root what stands before every path; `/` in a guest, a scratch folder in tests
 * @param run for `sync`, which reaches syncfs(2): one call in place of an fsync for each of hundreds of files
 */
export function realFiles(root: string, run: System['run']): Files {
  // Not path.join: it goes over each path character by character, and the daemon is interpreted; a tenth of a fetch's CPU time.
  const real = (path: string): string => (root === '/' ? path : root + path)
  const files: Files = {
    text: (path) => files.bytes(path)?.toString('utf8'),
    bytes: (path) => unlessAbsent(() => fs.readFileSync(real(path))),
    pieces: (path) => piecesOf(real(path)),
    stat: (path) => unlessAbsent(() => statOf(fs.lstatSync(real(path)))),
    link: (path) => unlessAbsent(() => (fs.lstatSync(real(path)).isSymbolicLink() ? fs.readlinkSync(real(path)) : undefined)),
    list: (folder) => unlessAbsent(() => fs.readdirSync(real(folder)).sort()) ?? [],
    write(path, content, attributes) {
      files.folder(dirname(path))
      const beside = `${real(path)}.new`
      try {
        writeBeside(beside, content, attributes)
      } catch (error) {
        // What fits only in part on a full disk must not fill it further.
        fs.rmSync(beside, { force: true })
        throw named(error, path)
      }
      fs.renameSync(beside, real(path))
      flushFolder(real(dirname(path)))
    },
    create: (path, mode) => sink(path, fs.openSync(real(path), 'wx', mode), mode),
    extend: (path, mode) => sink(path, fs.openSync(real(path), 'a', mode), mode),
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
    share(from, to) {
      try {
        fs.linkSync(real(from), real(to))
        return true
      } catch (error) {
        if (['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
        throw error
      }
    },
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

function writeBeside(beside: string, content: string | Uint8Array, { mode, owner }: Attributes): void {
  const file = fs.openSync(beside, 'w', mode)
  try {
    // The mode of open is cut by the umask, and does nothing to what a power cut has left there.
    fs.fchmodSync(file, mode)
    if (owner) fs.fchownSync(file, owner.uid, owner.gid)
    fs.writeFileSync(file, content)
    fs.fsyncSync(file)
  } finally {
    fs.closeSync(file)
  }
}

function sink(path: string, file: number, mode: number): FileSink {
  fs.fchmodSync(file, mode)
  return {
    write(bytes) {
      try {
        for (let at = 0; at < bytes.length; ) at += fs.writeSync(file, bytes, at)
      } catch (error) {
        throw named(error, path)
      }
    },
    close: () => fs.closeSync(file),
  }
}

function* piecesOf(path: string): Generator<Buffer> {
  const file = fs.openSync(path, 'r')
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE)
      const length = fs.readSync(file, piece, 0, PIECE, null)
      if (length === 0) return
      yield piece.subarray(0, length)
    }
  } finally {
    fs.closeSync(file)
  }
}

/** Node names no file in errors of an open one, and nobody knows the one beside; without, nobody knows which disk is full. */
function named(error: unknown, path: string): unknown {
  return error instanceof Error ? Object.assign(error, { path }) : error
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
