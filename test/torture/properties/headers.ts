import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseRange } from '../../../host-server/send-file.ts'
import { chooseSimpleFormat } from '../../../host-server/wheels/choose-format.ts'
import { changedTexts, texts } from './inputs.ts'
import { law, type Parser } from './law.ts'

const RANGES = ['bytes=0-', 'bytes=5-9', 'bytes=-5', 'bytes=0-0,5-9', 'items=0-1']
const ACCEPTS = ['text/html', 'application/vnd.pypi.simple.v1+json, text/html;q=0.1', '*/*;q=0', 'constructor, __proto__;q=1']

export const headers: Parser = {
  name: 'Range and Accept',
  laws: () => ({
    'any Range lies inside the file, behind it, or is ignored': law(fc.tuple(fc.oneof(changedTexts(RANGES, ['bytes=', '-', ',', '9', '0', '18446744073709551616']), texts(RANGES)), fc.nat({ max: 20 })), ([text, size]) => {
      const range = parseRange(text, size)
      if (typeof range === 'object') assert.ok(range.start >= 0 && range.start <= range.end && range.end < size, JSON.stringify(range))
    }),
    'any Accept is a format or none': law(fc.oneof(changedTexts(ACCEPTS, [',', ';', 'q=', 'q=1', 'NaN', '*']), texts(ACCEPTS)), (text) => assert.ok([undefined, 'html', 'json'].includes(chooseSimpleFormat(text)))),
  }),
}
