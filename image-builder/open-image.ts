import { tmpdir } from 'node:os'
import { reachInto, type ReachedImage, type WayOptions } from './choose-way.ts'
import { examineSource } from './container/source.ts'
import { overlayOver } from './container/work-image.ts'
import { workFolder } from './work-folder.ts'

export interface ReadingOptions extends WayOptions {
  /** The files that the image needs below it, nearest first. */
  readonly backing?: readonly string[] | undefined
  readonly keyFile?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Looks into an image without changing it: a thin layer over it takes what has to be written on the way, such as the replay of its journal.
 * @throws ImageRefusal when it cannot be read
 */
export async function openForReading(path: string, { backing, keyFile, signal, ...way }: ReadingOptions = {}): Promise<ReachedImage> {
  await using stack = new AsyncDisposableStack()
  const { path: folder } = stack.use(await workFolder(tmpdir()))
  const source = await examineSource(path, { backing, folder, signal })
  const image = stack.use(await reachInto(await overlayOver(source, { folder, keyFile, signal }), way))
  const opened = stack.move()
  return Object.defineProperty(Object.create(image) as ReachedImage, Symbol.asyncDispose, { value: () => opened.disposeAsync() })
}
