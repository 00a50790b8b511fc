import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BaseImage } from './base-image.ts'
import { BuildFailure } from './refusal.ts'
import { runTool, said } from './run-tool.ts'
import type { Disk } from './way.ts'

/** A sparse raw copy: the tools for ext file systems know no qcow2. */
export async function unpack(base: BaseImage, folder: string, signal?: AbortSignal): Promise<Disk> {
  const file = 'disk.raw'
  const ran = await runTool('qemu-img', ['convert', '-U', '-f', base.format, '-O', 'raw', base.path, file], { cwd: folder, seconds: 600, signal })
  if (ran.code !== 0) throw new BuildFailure(`the base image could not be unpacked: ${said(ran)}`)
  const { size } = await stat(join(folder, file))
  return { folder, file, size, signal }
}
