import { ImageRefusal } from '../refusal.ts'

/** What is read from an image is believed by nobody; whatever cannot be true ends here. */
export function damaged(what: string, cause?: unknown): ImageRefusal {
  return new ImageRefusal(`the image's file system is damaged: ${what}. Type: e2fsck -f on it, then build again`, { cause })
}
