import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import { Envelope, open, type SigningKey } from '../../contract/envelope.ts'
import { Fault } from '../../contract/fault.ts'
import { isSafePath, linkStaysInside, revisionOf, SignedManifest } from '../../contract/manifest.ts'
import { foldersOf } from '../../contract/source-tree.ts'

export interface CheckedManifest {
  readonly manifest: SignedManifest
  /** Id of the key that signed it, one of those that were trusted. */
  readonly key: string
}

/** Compiled, because hundreds of entries are checked: a tenth of the time. Not before it is needed, and once. */
let form: ReturnType<typeof Compile<typeof SignedManifest>> | undefined

/**
 * Reads what the host sent for a manifest. The signature comes first: of bytes that nobody vouches for, nothing is parsed.
 * Whether it is fresh is for `refuseOlder` to say.
 *
 * @throws Fault HOST_ANSWER_INVALID (no envelope), SIGNATURE_INVALID, MANIFEST_INVALID
 */
export function checkManifest(text: string, keys: readonly SigningKey[]): CheckedManifest {
  const envelope = parsed(text)
  if (!Value.Check(Envelope, envelope)) throw new Fault('HOST_ANSWER_INVALID', {}, 'the manifest does not come in a signed envelope')
  const payload = opened(envelope, keys)
  if (!payload) {
    const known = keys.map((key) => key.id).join(', ') || 'none'
    throw new Fault('SIGNATURE_INVALID', { key: envelope.key.slice(0, 64) }, `signed by ${envelope.key}, trusted are ${known}`)
  }
  const manifest = parsed(payload.toString('utf8'))
  form ??= Compile(SignedManifest)
  if (!form.Check(manifest)) {
    const [first] = Value.Errors(SignedManifest, manifest)
    throw invalid(`${first?.instancePath || '/'} ${first?.message ?? 'has another form'}`)
  }
  checkTree(manifest)
  return { manifest, key: envelope.key }
}

/** Whether a manifest was refused because a key signed it that is not among these; false for one that was tampered with. */
export function isOfUnknownKey(fault: unknown, keys: readonly SigningKey[]): boolean {
  return fault instanceof Fault && fault.code === 'SIGNATURE_INVALID' && keys.every(({ id }) => id !== fault.details['key'])
}

function checkTree({ entries, pack, revision }: SignedManifest): void {
  if (revisionOf(entries) !== revision) throw invalid('its revision is not that of its entries')
  const leaves = new Set<string>()
  const links = new Map(entries.flatMap((entry) => (entry.type === 'link' ? [[entry.path, entry.target] as const] : [])))
  let size = 0
  for (const entry of entries) {
    if (!isSafePath(entry.path)) throw invalid(`${JSON.stringify(entry.path)} is not a path inside the tree`)
    if (leaves.has(entry.path)) throw invalid(`${entry.path} is there twice`)
    leaves.add(entry.path)
    if (entry.type === 'file') size += entry.size
    else if (!linkStaysInside(entry.path, entry.target, links)) throw invalid(`the link ${entry.path} leads out of the tree`)
  }
  // Something "below" a file cannot be written, and below a link it would be written elsewhere.
  for (const path of leaves) for (const folder of foldersOf(path)) if (leaves.has(folder)) throw invalid(`${path} lies below ${folder}, which is no folder`)
  if (size !== pack.size) throw invalid(`its files have ${size} bytes, its pack ${pack.size}`)
}

function opened(envelope: Envelope, keys: readonly SigningKey[]): Buffer | undefined {
  try {
    return open(envelope, keys)
  } catch {
    return undefined
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const invalid = (why: string): Fault => new Fault('MANIFEST_INVALID', {}, why)
