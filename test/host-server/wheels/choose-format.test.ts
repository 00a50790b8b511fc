import t from 'tap'
import { chooseSimpleFormat } from '../../../host-server/wheels/choose-format.ts'

t.test('the format is the one that is wanted most', async (t) => {
  for (const [accept, format] of [
    [undefined, 'html'],
    ['', 'html'],
    ['*/*', 'html'],
    ['text/html', 'html'],
    ['application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01', 'json'],
    ['text/html;q=0.9, application/vnd.pypi.simple.latest+JSON;q=0.2', 'html'],
    ['application/vnd.pypi.simple.v1+json;q=0, text/html;q=0.1', 'html'],
    ['application/json', undefined],
    ['constructor', undefined],
    ['__proto__', undefined],
    ['text/html;q=0', undefined],
    ['application/vnd.pypi.simple.v2+json', undefined],
  ] as const) {
    t.equal(chooseSimpleFormat(accept), format, String(accept))
  }
})
