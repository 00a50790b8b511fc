import t from 'tap'
import { meets } from '../../../image-builder/check/version-specifier.ts'

const CASES: readonly (readonly [requires: string, minor: number, boolean | undefined])[] = [
  ['>=3.11', 11, true],
  ['>=3.11', 10, false],
  ['>=3.9', 11, true],
  ['>= 3.8 , <4', 12, true],
  ['>=3.10,<3.12', 12, false],
  ['>3.11', 11, true],
  ['<=3.11', 12, false],
  ['!=3.11.*', 11, false],
  ['!=3.11', 11, true],
  ['==3.*', 9, true],
  ['==3.11.4', 11, true],
  ['==3.11.4', 10, false],
  ['~=3.10', 12, true],
  ['~=3.10', 9, false],
  ['~=3.10.1', 11, false],
  ['>=4', 12, false],
  ['', 6, true],
  ['>=3.11a1', 12, undefined],
  ['~=3', 12, undefined],
  ['>=3.*', 12, undefined],
  ['nonsense', 12, undefined],
]

for (const [requires, minor, expected] of CASES) {
  t.test(`Python 3.${minor} against ${JSON.stringify(requires)}`, async (t) => t.equal(meets(requires, [3, minor]), expected))
}
