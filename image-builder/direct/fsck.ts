import { damaged } from '../ext/damaged.ts'
import { BuildFailure } from '../refusal.ts'
import { runTool, said, type Ran } from '../run-tool.ts'
import type { WorkImage } from '../way.ts'

/** Replays the journal and clears orphans. @throws ImageRefusal when that does not make it whole */
export async function recover(work: WorkImage, file: string): Promise<void> {
  const replay = await e2fsck(work, '-p', file)
  if (replay.code > 1) throw damaged(said(replay))
}

/** @throws ImageRefusal naming the first thing that is wrong */
export async function requireSound(work: WorkImage, file: string): Promise<void> {
  const sound = await e2fsck(work, '-fn', file)
  if (sound.code !== 0) throw damaged(complaint(sound))
}

/** After writing: what e2fsck mends by itself (quota figures) is mended; anything more means that the copy is thrown away. @throws BuildFailure */
export async function requireStillSound(work: WorkImage, file: string): Promise<void> {
  if ((await e2fsck(work, '-fn', file)).code === 0) return
  const mended = await e2fsck(work, '-fp', file)
  if (mended.code > 1) throw new BuildFailure(`the file system is not sound after writing: ${said(mended)}`)
  const sound = await e2fsck(work, '-fn', file)
  if (sound.code !== 0) throw new BuildFailure(`the file system is not sound after writing: ${complaint(sound)}`)
}

/** Makes the file system as large as its file. */
export async function enlarge(work: WorkImage, file: string): Promise<void> {
  await e2fsck(work, '-fp', file) // resize2fs asks for it
  const ran = await runTool('resize2fs', [file], { cwd: work.folder, signal: work.signal, seconds: 600 })
  if (ran.code !== 0) throw new BuildFailure(`the file system could not be enlarged: ${said(ran)}`)
}

function e2fsck(work: WorkImage, how: '-p' | '-fp' | '-fn', file: string): Promise<Ran> {
  return runTool('e2fsck', [how, file], { cwd: work.folder, signal: work.signal, seconds: 300 })
}

function complaint(ran: Ran): string {
  const line = ran.stdout.toString('utf8').split('\n').find((text) => text.trim() !== '' && !/^(Pass \d|e2fsck |Warning: skipping journal)/.test(text))
  return (line ?? said(ran)).replace(/\s*(Fix|Clear|Ignore|Relocate|Recreate|Salvage|Connect to \/lost\+found)\?.*$/, '').trim().replace(/\.$/, '').slice(0, 200)
}
