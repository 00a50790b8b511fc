import { join } from 'node:path'
import t from 'tap'

const ROOT = join(import.meta.dirname, '..', '..')
const { licencesOf } = (await import(join(ROOT, 'setup', 'licences.mjs'))) as { licencesOf(root: string): { name: string; licence: string; development: boolean }[] }

/** They ask for their notice to be kept, and nothing of what is written with them. */
const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'Unlicense']

/** Each with the reason why it may be there all the same; nothing of them is handed out. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'spdx-exceptions': 'CC-BY-3.0: a list of names, used by npm to read licences while developing',
  'spdx-license-ids': 'CC0-1.0: a list of names, used by npm to read licences while developing',
  'jsonc-simple-parser': 'states none; a part of tap, used while developing alone',
}

const allowed = (licence: string): boolean => licence.replace(/[()]/g, '').split(' OR ').some((one) => ALLOWED.includes(one))

t.test('every licence is allowed, or is an exception with its reason', async (t) => {
  const others = licencesOf(ROOT).filter(({ licence }) => !allowed(licence))
  t.same(others.map(({ name }) => name).sort(), Object.keys(EXCEPTIONS).sort())
  t.same(others.filter(({ development }) => !development), [], 'what runs on hosts and in guests has no exception')
})
