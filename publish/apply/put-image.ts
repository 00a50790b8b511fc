import { createReadStream } from 'node:fs'
import type { Cloud } from '../../openstack/cloud.ts'
import { CloudError } from '../../openstack/cloud-error.ts'
import { changeImageRecord, createImageRecord, imageRecord, removeImageRecord, switchImage, uploadImageData, type ImageRecord } from '../../openstack/glance/image-records.ts'
import { digestsOf } from '../digests.ts'
import { changesOf, newImageOf } from '../plan/image-changes.ts'
import type { PlannedImage } from '../plan/plan.ts'
import { Failure } from '../refusal.ts'
import type { Steps } from '../steps.ts'
import { meter, sizeText } from '../transfer-text.ts'
import type { ImageFile } from '../wish.ts'
import { within } from '../within.ts'

/** Seconds for a call without data, and for one with: 1 MB/s is slow. */
const CALL = 60
const UPLOAD_AT_LEAST = 1800

/**
 * Brings one file into Glance, or what is there already into the form that is wanted.
 * @returns its record's id
 * @throws Failure that says what is left in Glance
 */
export async function putImage(cloud: Cloud, image: PlannedImage, steps: Steps, signal: AbortSignal): Promise<string> {
  const { role, there } = image
  for (const { id } of image.remove) await removeImageRecord(cloud, id, within(CALL, signal))
  const record = there ?? (await uploaded(cloud, image, steps, signal))
  steps.begin(`${role} in Glance`)
  if (record.status === 'deactivated') await switchImage(cloud, record.id, 'reactivate', within(CALL, signal))
  const changes = changesOf(record, image.wanted)
  if (changes.length > 0) await changeImageRecord(cloud, record.id, changes, within(CALL, signal)).catch((error: unknown) => fail(error, `${role} ${record.id} is whole, and not tagged`))
  steps.done(`${record.id}, as it is wanted`)
  return record.id
}

async function uploaded(cloud: Cloud, { role, file, wanted, into }: PlannedImage, steps: Steps, signal: AbortSignal): Promise<ImageRecord> {
  steps.begin(`record of ${role}`)
  const { id } = into ?? (await createImageRecord(cloud, newImageOf(wanted), within(CALL, signal)).catch((error: unknown) => fail(error, 'nothing was left behind')))
  steps.done(`${id}, without data and tags yet`)
  steps.begin(`upload ${role}`)
  const passed = meter(steps.update, { total: file.bytes })
  const body = { bytes: file.bytes, open: () => piecesOf(file, passed) }
  const seconds = Math.max(UPLOAD_AT_LEAST, file.bytes / 1e6)
  await uploadImageData(cloud, id, body, within(seconds, signal)).catch((error: unknown) => fail(error, `${role} ${id} is left in Glance without its data, and without tags`))
  const record = await imageRecord(cloud, id, within(CALL, signal)).catch((error: unknown) => fail(error, `${role} ${id} has its data, and no tags yet`))
  await requireSame(cloud, record, file, signal)
  steps.done(`${sizeText(file.bytes)}, ${record.os_hash_algo ?? 'no digest'} compared`)
  return record
}

/** As many bytes as were announced, or an error: less would leave Glance waiting. */
async function* piecesOf({ path, bytes }: ImageFile, passed: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let sent = 0
  for await (const piece of createReadStream(path, { end: bytes - 1, highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>) {
    yield piece
    sent += piece.length
    passed(piece.length)
  }
  if (sent !== bytes) throw new Failure(`${path} has become shorter while it was sent.\n  type the same again once it is whole`)
}

/** Glance tells a digest of what it has. @throws Failure when that is not what was sent; nothing is left then */
async function requireSame(cloud: Cloud, { id, status, os_hash_algo: algorithm, os_hash_value: value }: ImageRecord, file: ImageFile, signal: AbortSignal): Promise<void> {
  const known = algorithm === 'sha512' ? file.sha512 : typeof algorithm === 'string' ? (await digestsOf(file.path, [algorithm], { signal }))[algorithm] : value
  if (status === 'active' && known === value) return
  await removeImageRecord(cloud, id, within(CALL, signal))
  throw new Failure(`Glance has something else than ${file.path} in image ${id} (${status}), which was removed.\n  type the same again`)
}

function fail(error: unknown, left: string): never {
  if (!(error instanceof CloudError)) throw error
  const [message, type] = [error.message.replace(/\.+$/, ''), 'type the same again: it goes on where it was']
  if (error.status === 413) throw new Failure(`Glance has no room for it: ${message}; ${left}.\n  openstack image list      shows what could go, if it is the project's quota\n  ${type}`, { cause: error })
  throw new Failure(`${message}; ${left}.\n  ${type}`, { cause: error })
}
