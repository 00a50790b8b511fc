import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildImage } from '../../../image-builder/build-image.ts'
import { seededRandom } from '../../guests/seeded-random.ts'
import { quiet, smallImage, tool, wishFor } from '../small-image.ts'
import { CONTAINER_DAMAGES, DISK_DAMAGES, regionsOf, type Random, type Regions } from './damages.ts'

const LONGEST_MS = 60_000
const MIB = 2 ** 20
/** With checksums most damages are found at once; without, some go on to deeper places. */
const FILE_SYSTEMS: Readonly<Record<string, readonly string[]>> = { ext4: [], 'no checksums': ['-O', '^metadata_csum'], ext3: ['-O', '^extents,^metadata_csum,^64bit'] }

export interface Outcome {
  readonly number: number
  readonly damage: string
  /** `built`, or the message of the refusal. */
  readonly how: string
  /** What must not be; undefined when all is well. */
  readonly wrong: string | undefined
}

/** Builds upon damaged images, one after the other; the same seed makes the same images. @param folder is used up */
export async function* damagedBuilds(folder: string, count: number, seed: number): AsyncGenerator<Outcome> {
  const bases = await Promise.all(Object.entries(FILE_SYSTEMS).map(async ([name, mkfs]) => await makeBase(folder, name, mkfs)))
  const damages = [...Object.keys(DISK_DAMAGES), ...Object.keys(CONTAINER_DAMAGES)]
  for (let number = 0; number < count; number++) {
    const random = seededRandom(seed * 1_000_003 + number)
    const damage = damages[number % damages.length]!
    const base = bases[Math.floor(random() * bases.length)]!
    const image = join(folder, `damaged-${number}`)
    writeFileSync(image, spoiled(base, damage, random))
    yield { number, damage: `${damage} (${base.name})`, ...(await build(folder, image)) }
    rmSync(image)
  }
}

interface Base {
  readonly name: string
  readonly disk: Buffer
  readonly qcow2: Buffer
  readonly regions: Regions
}

async function makeBase(folder: string, name: string, mkfs: readonly string[]): Promise<Base> {
  const raw = smallImage(folder, { name: 'undamaged.raw', mkfs, size: 24 })
  const disk = readFileSync(raw)
  const packed = join(folder, 'undamaged.qcow2')
  tool('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, packed])
  const qcow2 = readFileSync(packed)
  rmSync(raw)
  rmSync(packed)
  return { name, disk, qcow2, regions: await regionsOf(disk, MIB) }
}

function spoiled(base: Base, damage: string, random: Random): Buffer {
  const onDisk = DISK_DAMAGES[damage]
  if (!onDisk) return CONTAINER_DAMAGES[damage]!(Buffer.from(base.qcow2), random)
  const disk = Buffer.from(base.disk)
  onDisk(disk, base.regions, random)
  return disk
}

async function build(folder: string, image: string): Promise<Pick<Outcome, 'how' | 'wrong'>> {
  const before = fingerprint(image)
  const wish = wishFor(folder, image, { out: join(folder, 'out.qcow2'), way: 'direct' })
  const known = new Set([...readdirSync(folder), 'node', 'out.qcow2', 'out.qcow2.json'])
  const began = performance.now()
  const error = await buildImage(wish, quiet).then(() => undefined, (error: unknown) => error as Error)
  const took = performance.now() - began
  const wrong = [
    took > LONGEST_MS && `it took ${Math.round(took / 1000)} s`,
    fingerprint(image) !== before && 'BASE was changed',
    error && existsSync(wish.out) && 'OUT is there after a failure',
    error && !['ImageRefusal', 'NotThisWay', 'BuildFailure'].includes(error.name) && `not a clear message: ${error.stack}`,
    error && (error.message.length > 1000 || error.message.includes('undefined')) && `not a clear message: ${error.message}`,
    !error && complaintAbout(folder, wish.out),
    readdirSync(folder).some((name) => !known.has(name)) && 'something is left in the folder',
  ].find((text) => typeof text === 'string')
  rmSync(wish.out, { force: true })
  rmSync(`${wish.out}.json`, { force: true })
  return { how: error?.message ?? 'built', wrong }
}

/** e2fsck of the file system in OUT, and qemu-img's own check. */
export function complaintAbout(folder: string, out: string): string | undefined {
  const raw = join(folder, 'look.raw')
  try {
    tool('qemu-img', ['check', '-q', '-f', 'qcow2', out])
    tool('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', out, raw])
    const [partition] = (JSON.parse(tool('sfdisk', ['-J', raw])) as { partitiontable: { partitions: { start: number }[] } }).partitiontable.partitions
    tool('e2fsck', ['-fn', `${raw}?offset=${partition!.start * 512}`])
    return undefined
  } catch (error) {
    return `OUT is not sound: ${(error as Error).message.slice(0, 500)}`
  } finally {
    rmSync(raw, { force: true })
  }
}

function fingerprint(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}
