import { etagOf } from '../etag.ts'
import type { Gathered } from './gather.ts'
import type { Offer } from './offer.ts'

/** As many packs as the content folder keeps. */
const PACKS_OFFERED = 8

/**
 * @param previous what is handed out so far; takes the place of every part that could not be read
 * @returns undefined when a part is missing and there is no previous one
 */
export function makeOffer(gathered: Gathered, previous?: Offer): Offer | undefined {
  const { snapshot, problems } = gathered
  const manifest = gathered.manifest ?? previous?.manifest
  const config = gathered.config === undefined ? previous?.config : { etag: etagOf(gathered.config), text: gathered.config }
  const wheels = gathered.wheels ?? previous?.wheels
  if (!manifest || !config || !wheels) return undefined
  const packs = snapshot === undefined ? [] : [[snapshot.manifest.pack.zstd.sha256, snapshot.pack] as const]
  const content = new Map([...packs, ...(previous?.content ?? [])].slice(0, PACKS_OFFERED + packs.length))
  return { manifest, content, config, wheels, stale: [...new Set(problems.map(({ part }) => part))] }
}
