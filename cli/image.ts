import type { Command } from 'commander'
import { registerImageBuild } from './image-build.ts'
import { registerImageCheck } from './image-check.ts'
import { registerImageDebugUser } from './image-debug-user.ts'
import { registerImageDiff } from './image-diff.ts'
import { registerImageFetch } from './image-fetch.ts'
import { registerImageInspect } from './image-inspect.ts'
import { registerImagePublish } from './image-publish.ts'
import { registerImageStrip } from './image-strip.ts'

/** `trovestrap image fetch|build|check|publish|inspect|diff|strip|debug-user` */
export function registerImage(program: Command): void {
  const image = program.command('image').description('Guest images: fetch a base image, build a guest image from it, check that before it boots, publish it to OpenStack, see what is in one, take it out again.')
  registerImageFetch(image)
  registerImageBuild(image)
  registerImageCheck(image)
  registerImageInspect(image)
  registerImageDiff(image)
  registerImagePublish(image)
  registerImageStrip(image)
  registerImageDebugUser(image)
}
