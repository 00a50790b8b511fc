import { access, constants, lstat, mkdtemp, readdir, readFile, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ImageRefusal } from './refusal.ts'
import { endsWellAs } from './without-root/somebody.ts'

const NAME = /^\.trovestrap-build-(\d+)-(\d+)-\w{6}$/

/**
 * A folder beside OUT, so that the last step is a rename; it goes away with the build. What a killed build left there is cleared
 * away by the next one: the name says which process made it and when that started, so a number that was given out again is noticed.
 */
export async function workFolder(beside: string): Promise<AsyncDisposable & { readonly path: string }> {
  await access(beside, constants.W_OK).catch((cause: Error) => {
    throw new ImageRefusal(`${beside} cannot be written to: permission denied`, { cause })
  })
  for (const name of await readdir(beside)) {
    const [, pid, start] = NAME.exec(name) ?? []
    if (pid !== undefined && (await startOf(Number(pid))) !== start) await cleared(join(beside, name)).catch(ofSomebodyElse)
  }
  const path = await mkdtemp(join(beside, `.trovestrap-build-${process.pid}-${await startOf(process.pid)}-`))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Also where somebody without rights has worked for root in it. */
async function cleared(path: string): Promise<void> {
  const work = await lstat(join(path, 'work')).catch(() => undefined)
  if (work?.isDirectory()) await clearedBy(work.uid, join(path, 'work'))
  await rm(path, { recursive: true, force: true })
}

/**
 * Takes a folder away as the one whose it is: should they still be there and exchange a folder for a link while it is emptied, they do to their own
 * files what they could do anyway.
 */
export async function clearedBy(uid: number, folder: string): Promise<void> {
  if (uid === process.geteuid!()) return
  await endsWellAs({ uid, gid: uid, groups: [] }, 'find', ['.', '-mindepth', '1', '-delete'], folder)
  await rmdir(folder)
}

/** In a folder that many share, such as /tmp, others' builds lie too: they are theirs to clear away. @throws anything else */
function ofSomebodyElse(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EACCES' && error.code !== 'EPERM') throw error
}

/** Clock ticks after boot; undefined when there is no such process. */
async function startOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19]
}
