import type { Command } from 'commander'
import { registerImageBuild } from './image-build.ts'
import { registerImageCheck } from './image-check.ts'
import { registerImageDebugUser } from './image-debug-user.ts'
import { registerImageDiff } from './image-diff.ts'
import { registerImageInspect } from './image-inspect.ts'
import { registerImageStrip } from './image-strip.ts'

/** `trovestrap image build|check|inspect|diff|strip|debug-user` */
export function registerImage(program: Command): void {
  const image = program.command('image').description('Guest images: build one from any base image, check it before it boots, see what is in one, take it out again.')
  registerImageBuild(image)
  registerImageCheck(image)
  registerImageInspect(image)
  registerImageDiff(image)
  registerImageStrip(image)
  registerImageDebugUser(image)
}
