import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundle } from '../guest-bootstrap/bundle.ts'
import { preparePayload } from '../image-builder/payload.ts'

/** What runs in a guest: the Node that goes into images, and a bundle made as the image's own is. */
export interface GuestProgram {
  readonly node: string
  readonly bundle: string
}

/** @param entry `main.ts` of guest-bootstrap, or a program made of its parts */
export async function guestProgram(folder: string, entry?: string): Promise<GuestProgram> {
  const path = join(folder, entry === undefined ? 'daemon.mjs' : 'guest.mjs')
  await writeFile(path, (await bundle(entry)).code)
  return { node: (await preparePayload('x64')).node.hostFile, bundle: path }
}
