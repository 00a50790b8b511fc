import { constants } from 'node:fs'
import { chmod, chown, copyFile, link, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Content } from '../change.ts'
import { BuildFailure, ImageRefusal } from '../refusal.ts'
import { runTool, said } from '../run-tool.ts'
import { clearedBy, workFolder } from '../work-folder.ts'
import { endsWellAs, type Somebody } from './somebody.ts'

/** Where the worker finds its folder when it has mounts of its own: short, and to be entered by everybody. Others see it empty. */
const SEEN = '/run/trovestrap/build'

/**
 * Where somebody without rights works for us: a folder of root's, beside OUT, in which `work` is theirs and everything else is only to be read. So nothing
 * that they do there can lead us elsewhere.
 */
export interface Place extends AsyncDisposable {
  /** The worker's folder, under the name by which the worker knows it. */
  readonly work: string
  /** The same, under ours. */
  readonly ours: string
  readonly mounts: readonly { readonly from: string; readonly to: string }[]
  /** Lets the worker read a file that was named to us. @returns the path by which it does */
  show(path: string): Promise<string>
  /** Lets it read a file of our own, such as Node, which may lie in a folder of root's. */
  lend<C extends Content>(content: C): Promise<C>
  /** In what the worker says: our names instead of its own. @param instead what stands for its folder */
  translate(text: string, instead: string): string
}

/** @param mountable this system lets root have mounts of its own, which a container may not */
export async function placeFor(worker: Somebody, beside: string, mountable: boolean): Promise<Place> {
  await using stack = new AsyncDisposableStack()
  const { path: outer } = stack.use(await workFolder(beside))
  const ours = join(outer, 'work')
  await chmod(outer, 0o711)
  await mkdir(ours, { mode: 0o700 })
  await chown(ours, worker.uid, worker.gid)
  if (mountable) await mkdir(SEEN, { recursive: true, mode: 0o755 })
  else if (!(await endsWellAs(worker, 'test', ['-w', ours]))) {
    throw new ImageRefusal(`${dirname(outer)} cannot be entered without root's rights, and this system allows no mounts. Use a folder such as /var/tmp, or type the command as an ordinary user`)
  }
  const root = mountable ? SEEN : outer
  const mounts = mountable ? [{ from: outer, to: SEEN }] : []
  const names = new Map<string, string>()
  let lent = 0

  async function show(path: string): Promise<string> {
    const real = resolve(path)
    const info = await stat(real).catch(() => undefined)
    if (info && !info.isFile()) return real // it says so itself
    if (info && (await endsWellAs(worker, 'test', ['-r', real]))) return real
    const folder = `in-${++lent}`
    const seen = join(root, folder, basename(real))
    await mkdir(join(outer, folder), { mode: 0o755 })
    names.set(seen, path)
    if (!info) return seen // it is not there, which is what the worker will find
    const here = join(outer, folder, basename(real))
    if (mountable && (info.mode & 0o004) !== 0) {
      await writeFile(here, '')
      mounts.push({ from: real, to: seen })
    } else await copied(real, here, worker)
    return seen
  }

  async function lend<C extends Content>(content: C): Promise<C> {
    if (!('hostFile' in content)) return content
    const name = `lent-${++lent}`
    const { mode } = await stat(content.hostFile)
    const linked = (mode & 0o004) !== 0 && (await link(content.hostFile, join(outer, name)).then(() => true, () => false))
    if (!linked) {
      await copyFile(content.hostFile, join(outer, name), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
      await chmod(join(outer, name), 0o644)
    }
    return { ...content, hostFile: join(root, name) }
  }

  stack.defer(() => clearedBy(worker.uid, ours))
  const opened = stack.move()
  return {
    work: join(root, 'work'),
    ours,
    mounts,
    show,
    lend,
    translate: (text, instead) => [...names].reduce((told, [seen, path]) => told.replaceAll(seen, path), text).replaceAll(join(root, 'work'), instead),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/** Only root may read it, so the worker gets a copy: bytes alone, nobody looks at what they mean. */
async function copied(from: string, to: string, worker: Somebody): Promise<void> {
  const ran = await runTool('cp', ['--reflink=auto', '--sparse=auto', '--no-preserve=all', '--', from, to], { cwd: '/', seconds: 1800 })
  if (ran.code !== 0) throw new BuildFailure(`${from} could not be copied: ${said(ran)}`)
  await chmod(to, 0o400)
  await chown(to, worker.uid, worker.gid)
}

/**
 * What the worker made gets its name, and is ours. The worker has ended, and is not believed all the same: a link in place of the file, or a file with a
 * second name, is not taken.
 */
export async function publish({ ours }: Place, worker: Somebody, out: string): Promise<void> {
  const target = resolve(out)
  const beside = await taken(join(ours, `${basename(out)}.json`), worker, 0o644)
  const made = await taken(join(ours, basename(out)), worker, 0o600)
  if (made === undefined) throw new BuildFailure('the image was not made')
  if (beside === undefined) await rm(`${target}.json`, { force: true }) // it told of the image that is replaced
  else await rename(beside, `${target}.json`)
  await rename(made, target)
  await using folder = await open(dirname(target), 'r')
  await folder.sync()
}

/** @returns its path in a folder where only we can change it; undefined when there is none */
async function taken(path: string, worker: Somebody, mode: number): Promise<string | undefined> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new BuildFailure(`what was made cannot be taken: ${error.code}`, { cause: error })
  })
  if (!handle) return undefined
  await using file = handle
  const info = await file.stat()
  if (!info.isFile() || info.nlink !== 1 || info.uid !== worker.uid) throw new BuildFailure('what was made is no file of the worker alone')
  const safe = join(dirname(dirname(path)), basename(path))
  await rename(path, safe)
  const now = await stat(safe)
  if (now.ino !== info.ino || now.dev !== info.dev) throw new BuildFailure('what was made was exchanged')
  await file.chown(process.getuid!(), process.getgid!())
  await file.chmod(mode)
  await file.sync()
  return safe
}
