// A build in a process of its own, to be killed: one-build.ts FOLDER WAY. Says each step on stdout, and in one line on stderr what went wrong.
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { buildImage } from '../../../image-builder/build-image.ts'
import { BuildFailure, ImageRefusal } from '../../../image-builder/refusal.ts'
import type { WayName } from '../../../image-builder/way.ts'
import { wishFor } from '../small-image.ts'

const [folder, way] = process.argv.slice(2) as [string, WayName]
const wish = wishFor(folder, join(folder, 'base.qcow2'), { node: join(folder, 'payload'), way })

try {
  await buildImage(wish, { begin: (step) => void writeSync(1, `${step}\n`), update() {}, done() {} })
} catch (error) {
  if (!(error instanceof ImageRefusal || error instanceof BuildFailure)) throw error
  writeSync(2, `${error.message}\n`)
  process.exitCode = error instanceof ImageRefusal ? 2 : 1
}
