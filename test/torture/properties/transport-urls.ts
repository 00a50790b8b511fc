import assert from 'node:assert/strict'
import fc from 'fast-check'
import { formatTransportUrl, parseTransportUrl, TransportUrlError, type TransportUrl } from '../../../contract/transport-url.ts'
import { changedTexts, texts } from './inputs.ts'
import { law, valueOr, type Parser } from './law.ts'

const VALID = ['rabbit://stackrabbit:secret@10.0.2.2:5672/', 'rabbit://a:b%40c@one:5672,d:e@[fd00::1]:5671/trove?x=1', 'rabbit://host', 'rabbit://u:p@host/%2Ftrove']
const WORDS = ['rabbit://', '@', ':', ',', '/', '?', '#', '%2F', '%', '[', ']', '[::1]', '5672', '%ff', '%f0%9f%98%80']
const anyText = fc.oneof(changedTexts(VALID, WORDS), texts(WORDS))

export const transportUrls: Parser = {
  name: 'transport URLs',
  laws: () => ({
    'any text is read or refused, and the refusal is in words of ours': law(anyText, async (text) => {
      const url = await valueOr([TransportUrlError], () => parseTransportUrl(text))
      for (const { port } of url?.hosts ?? []) assert.ok(port >= 1 && port <= 65535)
    }),
    'a password is in no refusal': law(fc.tuple(anyText, anyText), ([before, after]) => {
      try {
        parseTransportUrl(`${before}c4n4ryP4ssw0rd${after}`)
      } catch (error) {
        assert.ok(!(error as Error).message.includes('c4n4ry'))
      }
    }),
    'what was read is written so that the same is read again': law(anyText, async (text) => {
      const url = await valueOr([TransportUrlError], () => parseTransportUrl(text))
      if (url) assert.deepEqual(revealed(parseTransportUrl(formatTransportUrl(url).reveal())), revealed(url))
    }),
  }),
}

function revealed({ driver, hosts, vhost }: TransportUrl) {
  return { driver, vhost, hosts: hosts.map((host) => ({ ...host, password: host.password.reveal() })) }
}
