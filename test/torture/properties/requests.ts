import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import type { InjectOptions } from 'fastify'
import type { Test } from 'tap'
import { Value } from 'typebox/value'
import { Refusal } from '../../../contract/operator-view.ts'
import { Report } from '../../../contract/report.ts'
import { ROUTES } from '../../../contract/routes.ts'
import { credentialOf, hostOf, ONE, OPERATOR, PACK_SHA256, TWO } from '../../host-server/host-of.ts'
import { REPORT } from './console-lines.ts'
import { changedJson, changedJsonText, changedTexts, texts } from './inputs.ts'
import { law, plain, type Parser } from './law.ts'

/** Stands in everything that a client says and in no answer that is no. */
const CANARY = 'c4n4ry'
const ENROLMENT = { instance: TWO, key: 'a'.repeat(64), hostname: 'db-1', version: '1' }
const BODIES = [REPORT, [REPORT, { ...REPORT, seq: 4 }], ENROLMENT, [PACK_SHA256, 'b'.repeat(64)]]
const PARAMETERS = [ONE, TWO, PACK_SHA256, 'tool', 'tool-1.0.tar.gz', '..', '%2e%2e%2f', '%', '%00', '%ff', 'constructor', '__proto__', CANARY, `${CANARY}%0a`, 'x'.repeat(300)]
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

const word = fc.oneof(texts([CANARY]), fc.constant(CANARY)).map((text) => text.slice(0, 200))
const url = fc
  .oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...Object.values(ROUTES)), fc.constantFrom(...PARAMETERS)).map(([route, parameter]) => route.replace(/:\w+/, parameter)) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...Object.values(ROUTES)), word).map(([route, words]) => `${route}${words}?${words}`) },
  )
  .filter((url) => !url.startsWith('//') && URL.canParse(`http://localhost${url}`))
/** What Node's HTTP parser lets through. */
const asHeader = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '')
const header = fc.oneof(
  fc.tuple(fc.constant('accept'), fc.oneof(changedTexts(['text/html', 'application/vnd.pypi.simple.v1+json']), fc.constantFrom('constructor', '__proto__'), word)),
  fc.tuple(fc.constant('range'), fc.oneof(changedTexts(['bytes=0-5', 'bytes=-3', 'bytes=99-'], ['-', '9']), word)),
  fc.tuple(fc.constantFrom('if-none-match', 'if-range'), fc.oneof(fc.constantFrom('*', `"${PACK_SHA256}"`, 'W/"x"'), word)),
  fc.tuple(fc.constant('content-type'), fc.oneof(fc.constantFrom('application/json', 'application/json; charset=x', 'text/plain', ''), word)),
  fc.tuple(fc.constantFrom('host', 'accept-version', 'x-forwarded-for', 'content-encoding', 'expect', CANARY), word),
)
const body = fc.oneof({ weight: 6, arbitrary: changedJsonText(BODIES) }, { weight: 1, arbitrary: word }, { weight: 1, arbitrary: fc.constant('x'.repeat(1100 * 1024)) })

export const requests: Parser = {
  name: 'requests to host-server',
  async laws(held) {
    const host = await hostOf(standInTest(held))
    host.enrol(ONE)
    const authorizations = [undefined, `Bearer ${host.token}`, `Bearer ${credentialOf(ONE)}`, `Bearer ${credentialOf(ONE)}`, `Bearer operator.${OPERATOR}`, `Bearer ${CANARY}`]
    const authorization = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...authorizations) }, { weight: 1, arbitrary: changedTexts(authorizations.slice(1) as string[], [CANARY]) })
    const request = fc.record({ method: fc.constantFrom(...METHODS), url, authorization, headers: fc.array(header, { maxLength: 3 }), body: fc.option(body, { nil: undefined }), address: fc.ipV4() })
    let runs = 0
    return {
      'any request has an answer that is none of an error of ours, and a refusal says nothing that came from outside': law(request, async ({ method, url, authorization, headers, body, address }) => {
        const answer = await host.app.inject({
          method,
          url,
          remoteAddress: address,
          headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(authorization === undefined ? {} : { authorization: asHeader(authorization) }), ...Object.fromEntries(headers.map(([name, text]) => [name, asHeader(text)])) },
          ...(body === undefined || method === 'GET' || method === 'HEAD' ? {} : { payload: body }),
        } as InjectOptions)
        assert.ok(answer.statusCode < 500, `${answer.statusCode} ${answer.body}`)
        if (answer.statusCode < 400 || method === 'HEAD') return
        assert.ok(Value.Check(Refusal, answer.json()), answer.body)
        plain(answer.body)
        assert.ok(!answer.body.toLowerCase().includes(CANARY) && !JSON.stringify(answer.headers).includes(CANARY), answer.body)
      }),
      'a report is taken and given back as it was, or refused': law(changedJson([REPORT]), async (value) => {
        // A repeat is passed over; each of these is a run of its own.
        const run = (++runs).toString(16).padStart(8, '0')
        const sent: unknown = Value.Check(Report, value) ? { ...value, run } : value
        const answer = await host.app.inject({ method: 'POST', url: `/v1/reports/${ONE}`, headers: { authorization: `Bearer ${credentialOf(ONE)}`, 'content-type': 'application/json' }, payload: JSON.stringify(sent) })
        assert.ok([204, 400, 413].includes(answer.statusCode), answer.body)
        if (answer.statusCode !== 204 || !Value.Check(Report, sent)) return
        const seen = await host.app.inject({ url: '/v1/instances', headers: { authorization: `Bearer operator.${OPERATOR}` } })
        const { latest } = seen.json<{ instances: { instance: string; latest: unknown }[] }>().instances.find(({ instance }) => instance === ONE)!
        assert.deepEqual(latest, JSON.parse(JSON.stringify(sent).toWellFormed()))
      }),
    }
  },
}

/** As much of a test as hostOf asks for. */
function standInTest(held: AsyncDisposableStack): Test {
  const folder = mkdtempSync(join(tmpdir(), 'requests-'))
  held.defer(() => rmSync(folder, { recursive: true, force: true }))
  const lay = (at: string, content: string | object): void => {
    mkdirSync(dirname(at), { recursive: true })
    if (typeof content === 'string') writeFileSync(at, content)
    else for (const [name, inner] of Object.entries(content)) lay(join(at, name), inner as string | object)
  }
  return {
    testdir(content: object) {
      lay(folder, content)
      return folder
    },
    teardown: (done: () => Promise<void>) => held.defer(done),
  } as unknown as Test
}
