import assert from 'node:assert/strict'
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { Fault } from '../../../contract/fault.ts'
import { realFiles } from '../../../guest-bootstrap/machine/real-files.ts'
import { checkManifest } from '../../../guest-bootstrap/tree/check-manifest.ts'
import { receive } from '../../../guest-bootstrap/tree/download.ts'
import { filesOf, layOut, Unpacking } from '../../../guest-bootstrap/tree/unpack.ts'
import { isWholeTree } from '../../../guest-bootstrap/tree/whole-tree.ts'
import { signed, signedTree, SIGNING_KEYS } from '../../guest-bootstrap/signed-tree.ts'
import { changedBytes } from './inputs.ts'
import { law, valueOr, type Parser } from './law.ts'
import { trees } from './manifests.ts'

const TREE = signedTree({ 'contrib/run': '#!/bin/sh\n', 'trove/__init__.py': '', 'trove/large': 'large content '.repeat(5000), 'trove/latest': '-> version.py', 'trove/version.py': 'one\n' })
/** What unpacks to a thousand times its size, and to something that is not the tree. */
const BOMBS = [zstdCompressSync(Buffer.alloc(8 * 2 ** 20)), zstdCompressSync(Buffer.concat([zstdCompressSync(Buffer.alloc(2 ** 20)), TREE.pack]))]
const anyPack = changedBytes([TREE.pack, TREE.pack, Buffer.concat([TREE.pack, TREE.pack]), ...BOMBS])
const OUTSIDE = 'nobody touches this'

export const packs: Parser = {
  name: 'packs',
  laws(held) {
    const root = mkdtempSync(join(tmpdir(), 'packs-'))
    held.defer(() => rmSync(root, { recursive: true, force: true }))
    writeFileSync(join(root, 'outside'), OUTSIDE)
    const files = realFiles(root, () => Promise.reject(new Error('nothing is run')))

    /** In a new folder; nothing beside it may have changed afterwards. */
    const inFolder = async (unpack: () => Promise<unknown>): Promise<void> => {
      mkdirSync(join(root, 'tree'))
      try {
        await valueOr([Fault], unpack)
        assert.deepEqual(readdirSync(root), ['outside', 'tree'])
        assert.equal(readFileSync(join(root, 'outside'), 'utf8'), OUTSIDE)
      } finally {
        rmSync(join(root, 'tree'), { recursive: true })
      }
    }

    return {
      'bytes that are not the pack are refused, and what was written is no longer than the tree': law(fc.tuple(anyPack, fc.integer({ min: 1, max: 5000 })), ([pack, piece]) =>
        inFolder(async () => {
          const { manifest } = TREE
          layOut(files, '/tree', manifest.entries)
          try {
            await receive(piecesOf(pack, piece), new Unpacking(files, '/tree', filesOf(manifest.entries)), 10 * 2 ** 20)
            assert.ok(isWholeTree(files, '/tree', manifest))
          } finally {
            assert.ok(bytesBelow(join(root, 'tree')) <= manifest.pack.size)
          }
        }),
      ),
      'a tree that is accepted lies in its folder, with all that its links lead to': law(trees(), ({ manifest, pack }) =>
        inFolder(async () => {
          const { manifest: checked } = checkManifest(signed(manifest), SIGNING_KEYS)
          layOut(files, '/tree', checked.entries)
          await receive([pack], new Unpacking(files, '/tree', filesOf(checked.entries)), pack.length)
          assert.ok(isWholeTree(files, '/tree', checked))
          // Node's own realpath takes `..` from the text of a link; the kernel takes it from where the link leads.
          for (const { path, type } of checked.entries) {
            const link = join(root, 'tree', path)
            if (type === 'link' && existsSync(link)) assert.ok(`${realpathSync.native(link)}/`.startsWith(`${realpathSync.native(join(root, 'tree'))}/`), path)
          }
        }),
      ),
    }
  },
}

function* piecesOf(bytes: Buffer, length: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
    const stat = lstatSync(join(folder, name))
    return sum + (stat.isFile() ? stat.size : 0)
  }, 0)
}
