import { seal } from '../../contract/envelope.ts'
import { ENCODINGS } from '../../contract/manifest.ts'
import { etagOf } from '../etag.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Gathered } from './gather.ts'
import { piecesOf } from './cut-pack.ts'
import type { Offer } from './offer.ts'

export interface Signer {
  /** PKCS#8 in PEM. */
  readonly pem: string
  readonly id: string
}

/** As many packs as the content folder keeps. */
const PACKS_OFFERED = 8

/**
 * @param previous what is handed out so far; takes the place of every part that could not be read
 * @returns undefined when a part is missing and there is no previous one
 */
export function makeOffer(gathered: Gathered, signer: Signer, previous?: Offer): Offer | undefined {
  const { snapshot, problems } = gathered
  const manifest = snapshot === undefined ? previous?.manifest : signed(snapshot, signer, previous)
  const config = gathered.config === undefined ? previous?.config : { etag: etagOf(gathered.config), text: gathered.config }
  const wheels = gathered.wheels ?? previous?.wheels
  if (!manifest || !config || !wheels) return undefined
  const packs = snapshot === undefined ? [] : ENCODINGS.map((name) => [snapshot.manifest.pack[name].sha256, snapshot.packs[name]] as const)
  const content = new Map([...packs, ...(previous?.content ?? [])].slice(0, PACKS_OFFERED + packs.length))
  return { manifest, content, config, wheels, stale: [...new Set(problems.map(({ part }) => part))] }
}

/** The same tree keeps its envelope and its tag, so guests that ask again get a 304. */
function signed({ manifest }: Snapshot, signer: Signer, previous: Offer | undefined): Offer['manifest'] {
  const payload = Buffer.from(JSON.stringify(manifest))
  const etag = etagOf(payload)
  if (previous?.manifest.etag === etag) return previous.manifest
  const pack = { sha256: manifest.pack.zstd.sha256, pieces: piecesOf(manifest.entries) }
  return { revision: manifest.revision, etag, body: JSON.stringify(seal(payload, signer.pem, signer.id)), pack }
}
