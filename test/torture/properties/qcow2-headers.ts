import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { examineSource } from '../../../image-builder/container/source.ts'
import { ImageRefusal } from '../../../image-builder/refusal.ts'
import { overwrites, overwritten } from './inputs.ts'
import { law, valueOr, type Parser } from './law.ts'

const KINDS = [[], ['-o', 'compat=0.10'], ['-c'], ['-o', 'cluster_size=512']]
/** Of those that pass every look at the header each starts two programs: QEMU has its own say. */
export const qcow2Headers: Parser = {
  name: 'qcow2 headers',
  cost: 20,
  laws(held) {
    const folder = mkdtempSync(join(tmpdir(), 'qcow2-'))
    held.defer(() => rmSync(folder, { recursive: true, force: true }))
    const raw = join(folder, 'raw')
    writeFileSync(raw, Buffer.alloc(20_000, 'content '))
    const images = KINDS.map((args, index) => {
      execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', ...args, raw, join(folder, `${index}`)])
      return readFileSync(join(folder, `${index}`))
    })
    const path = join(folder, 'changed')
    const places = Array.from({ length: 120 }, (_, at) => at)
    return {
      'a file is taken or refused, and what its header names is neither opened nor printed as it is': law(fc.tuple(fc.nat({ max: images.length - 1 }), overwrites(places)), async ([kind, changes]) => {
        writeFileSync(path, overwritten(images[kind]!, changes))
        await valueOr([ImageRefusal], () => examineSource(path, { folder }))
      }),
    }
  },
}
