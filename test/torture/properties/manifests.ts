import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Fault } from '../../../contract/fault.ts'
import { revisionOf, type Entry, type SignedManifest } from '../../../contract/manifest.ts'
import { checkManifest } from '../../../guest-bootstrap/tree/check-manifest.ts'
import { signed, signedTree, SIGNING_KEYS } from '../../guest-bootstrap/signed-tree.ts'
import { anyJson, changedJson, changedJsonText, changedTexts, texts } from './inputs.ts'
import { law, valueOr, type Parser } from './law.ts'

const VALID = signedTree({ 'contrib/run': '#!/bin/sh\n', 'trove/__init__.py': '', 'trove/latest': '-> version.py', 'trove/version.py': 'one\n' })
const codes = (...codes: readonly string[]) => (fault: Fault) => assert.ok(codes.includes(fault.code), fault.code)

export const manifests: Parser = {
  name: 'manifests',
  laws: () => ({
    'of what nobody has signed nothing is taken': law(fc.oneof(changedJsonText([JSON.parse(VALID.body)]), changedTexts([VALID.body]), texts()), async (text) => {
      const checked = await refusedWith(text, codes('HOST_ANSWER_INVALID', 'SIGNATURE_INVALID'))
      if (checked) assert.deepEqual(checked.manifest, VALID.manifest)
    }),
    'what is signed is a manifest, or refused as none': law(fc.oneof(changedJson([VALID.manifest]), anyJson), async (payload) => {
      const checked = await refusedWith(signed(payload), codes('MANIFEST_INVALID'))
      if (checked) assert.equal(checked.manifest.revision, revisionOf(checked.manifest.entries))
    }),
    'a tree that is accepted has each path once, and none below a file or a link': law(trees(), async ({ manifest }) => {
      const checked = await refusedWith(signed(manifest), codes('MANIFEST_INVALID'))
      if (!checked) return
      const paths = checked.manifest.entries.map(({ path }) => path)
      const asFiles = paths.map((path) => Buffer.from(path).toString())
      assert.equal(new Set(asFiles).size, paths.length)
      for (const path of asFiles) {
        assert.ok(path.split('/').every((part) => !['', '.', '..'].includes(part)) && !path.includes('\0'))
        assert.ok(!asFiles.some((other) => other.startsWith(`${path}/`)))
      }
    }),
  }),
}

function refusedWith(text: string, check: (fault: Fault) => void) {
  return valueOr([Fault], () => {
    try {
      return checkManifest(text, SIGNING_KEYS)
    } catch (error) {
      if (error instanceof Fault) check(error)
      throw error
    }
  })
}

const PARTS = ['a', 'b', 'etc', 'x'.repeat(255), 'x'.repeat(256), '.', '..', '', 'ü', '\ud800', '\ufffd', 'a\0', 'a\\b', '\u001b[2J', 'A']
const path = fc.tuple(fc.constantFrom('', '', '', '', '/', '../'), fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c') }, { weight: 1, arbitrary: fc.constantFrom(...PARTS) }), { minLength: 1, maxLength: 20 })).map(([start, parts]) => start + parts.join('/'))
const target = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c', '..') }, { weight: 1, arbitrary: fc.constantFrom(...PARTS) }), { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'))

/** Links that lead up, over another link, and up again from where that leads. */
const up = fc.nat({ max: 3 }).map((times) => Array<string>(times).fill('..'))
const LINKS = ['one', 'd/two', 'd/e/three', 'd/e/f/four']
const over = fc.tuple(up, fc.constantFrom('', 'd/e', ...LINKS), up).map(([before, link, after]) => [...before, link, ...after].filter((part) => part !== '').join('/') || '.')
const overLinks: fc.Arbitrary<[string, string][]> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...LINKS), over), { selector: ([path]) => path, minLength: 2 })
  .map((links) => [['d/e/f/file', 'x'], ...links.map(([path, target]): [string, string] => [path, `-> ${target}`])])

/** Trees as an attacker would draw them, with digest, sizes and pack as they have to be. */
export function trees(): fc.Arbitrary<ReturnType<typeof signedTree>> {
  const entry = fc.tuple(path, fc.oneof(target.map((target) => `-> ${target}`), fc.string({ maxLength: 20 })))
  return fc.oneof(fc.array(entry, { minLength: 1, maxLength: 8 }), overLinks).map((entries) => {
    // An object would merge two of one name: what comes twice is added by hand.
    const tree = signedTree(Object.fromEntries(entries))
    const again = entries.find(([path], index) => entries.findIndex(([other]) => other === path) < index)
    return again === undefined ? tree : { ...tree, manifest: withEntries(tree.manifest, [...tree.manifest.entries, ...tree.manifest.entries.filter(({ path }) => path === again[0])]) }
  })
}

const withEntries = (manifest: SignedManifest, entries: Entry[]): SignedManifest => ({ ...manifest, entries, revision: revisionOf(entries) })
