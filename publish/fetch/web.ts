import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { getCACertificates } from 'node:tls'
import got, { type Got } from 'got'
import { Refusal } from '../refusal.ts'

/** Milliseconds. A mirror that sends nothing for a minute will not send the rest either. */
const TIMEOUT = { lookup: 10_000, connect: 15_000, secureConnect: 15_000, response: 30_000, socket: 60_000 }

/** A list of a whole release has some 100 KB. */
const LARGEST_TEXT = 4 * 2 ** 20

/**
 * How files of the web are asked for: HTTP_PROXY, HTTPS_PROXY and NO_PROXY count, the system's certificates too, and what was asked for with
 * TLS is not taken without.
 * @param known a digest is known from elsewhere, so that the way does not matter
 */
export function web(known: boolean): Got {
  const proxyEnv = process.env
  return got.extend({
    headers: { 'user-agent': 'trovestrap' },
    agent: { http: new HttpAgent({ proxyEnv }), https: new HttpsAgent({ proxyEnv, ca: [...new Set([...getCACertificates('default'), ...getCACertificates('system')])] }) },
    timeout: TIMEOUT,
    retry: { limit: 0 },
    throwHttpErrors: false,
    decompress: false,
    hooks: {
      beforeRedirect: [
        (next, { requestUrl }) => {
          const to = URL.parse(String(next.url))
          if (!known && requestUrl.protocol === 'https:' && to?.protocol === 'http:') throw new Refusal(withoutTls(requestUrl, to))
        },
      ],
    },
  })
}

function withoutTls(from: URL, to: URL): string {
  return `${shownUrl(from)} leads on to ${shownUrl(to)}, without TLS.\n  --sha256 HEX      makes sure of the content, whatever the way is\n  or name a mirror that has https`
}

/** A small text. @returns undefined when there is none */
export async function textAt(from: Got, url: URL, signal: AbortSignal): Promise<string | undefined> {
  const asking = from(url, { signal })
  void asking.on('downloadProgress', ({ transferred }) => {
    if (transferred > LARGEST_TEXT) asking.cancel()
  })
  const answer = await asking.catch((error: Error) => {
    if (signal.aborted || error.cause instanceof Refusal) throw error
  })
  return answer?.statusCode === 200 ? answer.body : undefined
}

/** Without user, password and query: those may be secrets. */
export function shownUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname}`
}
