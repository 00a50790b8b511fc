import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Blocks } from '../../../image-builder/container/blocks.ts'
import { listPartitions } from '../../../image-builder/container/partitions.ts'
import { ImageRefusal } from '../../../image-builder/refusal.ts'
import { overwrites, overwritten } from './inputs.ts'
import { law, valueOr, type Parser } from './law.ts'

const TABLES = [
  'label: gpt\np1 : start=2048, size=1000, name="root"\np14 : start=34, size=100\n',
  'label: dos\n2048,400,83\n2600,1000,E\n2700,100,82\n2900,200,83\n',
]
const SIZE = 2 ** 21
const SECTOR = 512

/** Each starts sfdisk, which reads the table for us. */
export const partitionTables: Parser = {
  name: 'partition tables',
  cost: 20,
  laws(held) {
    const folder = mkdtempSync(join(tmpdir(), 'tables-'))
    held.defer(() => rmSync(folder, { recursive: true, force: true }))
    const disk = join(folder, 'disk')
    const disks = TABLES.map((table) => {
      writeFileSync(disk, '')
      truncateSync(disk, SIZE)
      execFileSync('/usr/sbin/sfdisk', ['-q', '--no-reread', '--no-tell-kernel', disk], { input: table })
      return readFileSync(disk)
    })
    const places = [...range(440, 72), ...range(512, 92), ...range(1024, 256), ...range(2600 * SECTOR + 446, 66), ...range(2800 * SECTOR + 446, 66), ...range(SIZE - SECTOR, 92)]
    return {
      'every partition lies on the disk, or the disk is refused': law(fc.tuple(fc.nat({ max: disks.length - 1 }), overwrites(places)), async ([kind, changes]) => {
        const partitions = await valueOr([ImageRefusal], () => listPartitions(blocksOf(overwritten(disks[kind]!, changes)), { folder }))
        for (const { offset, size } of partitions ?? []) assert.ok(offset >= 0 && size > 0 && offset + size <= SIZE)
      }),
    }
  },
}

const range = (start: number, length: number): number[] => Array.from({ length }, (_, at) => start + at)

function blocksOf(bytes: Buffer): Blocks {
  return {
    size: bytes.length,
    async read(offset, length) {
      if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) throw new RangeError(`${length} bytes at ${offset} are outside`)
      return bytes.subarray(offset, offset + length)
    },
    write: () => Promise.reject(new Error('nothing is written')),
    flush: async () => {},
    async [Symbol.asyncDispose]() {},
  }
}
