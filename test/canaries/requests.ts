import { Agent, request as ask } from 'node:https'
import { connect } from 'node:tls'
import { readFileSync } from 'node:fs'
import { ROUTES } from '../../contract/routes.ts'
import type { CanaryHost } from './host.ts'
import type { Seen } from './seen.ts'

interface Request {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Headers that a server likes to repeat. */
const HEADERS = ['if-none-match', 'prefer', 'range', 'if-range', 'accept', 'user-agent', 'cookie', 'origin', 'x-request-id', 'content-type', 'accept-encoding']
const AT_ONCE = 8
const ANSWER_MS = 30_000

/**
 * Asks every address with secrets where none belongs: in the address, the query, every header, the body, as a credential of the wrong kind.
 * @param credentials that open something
 */
export async function askWithSecrets(host: CanaryHost, seen: Seen, secrets: readonly string[], credentials: readonly string[]): Promise<number> {
  const agent = new Agent({ ca: readFileSync(host.state.ca), keepAlive: true, maxSockets: AT_ONCE })
  const requests = [...new Set(Object.values(ROUTES))].flatMap((route) => secrets.flatMap((secret) => astray(route, secret, credentials)))
  const waiting = requests.values()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const request of waiting) seen.add('answers of host-server', await answer(host, agent, request))
    }),
  )
  agent.destroy()
  for (const secret of secrets) for (const text of malformed(secret)) seen.add('answers to what is no request', `answer: ${await raw(host, text)}`)
  return requests.length + secrets.length * malformed('').length
}

function astray(route: string, secret: string, credentials: readonly string[]): Request[] {
  const path = route.replace(/:[a-z0-9]+/, encodeURIComponent(secret))
  const plain = route.replace(/:[a-z0-9]+/, '11111111-1111-4111-8111-111111111111')
  const json = { 'content-type': 'application/json' }
  return [
    { method: 'GET', path },
    { method: 'GET', path: `${plain}?token=${encodeURIComponent(secret)}` },
    { method: 'GET', path: `${plain}/${encodeURIComponent(secret)}` },
    { method: 'GET', path: plain, headers: { authorization: `Bearer ${secret}` } },
    { method: 'GET', path: plain, headers: { authorization: `Basic ${Buffer.from(`admin:${secret}`).toString('base64')}` } },
    { method: 'GET', path: plain, headers: { authorization: encodeURIComponent(secret) } },
    ...credentials.flatMap((credential): Request[] => {
      const authorization = `Bearer ${credential}`
      return [
        { method: 'GET', path, headers: { authorization } },
        { method: 'DELETE', path, headers: { authorization } },
        { method: 'GET', path: plain, headers: { authorization, ...Object.fromEntries(HEADERS.filter((name) => name !== 'content-type').map((name) => [name, encodeURIComponent(secret)])) } },
        { method: 'POST', path, headers: { authorization, ...json }, body: JSON.stringify({ instance: secret, key: secret, hostname: { [secret]: secret }, [secret]: secret }) },
        { method: 'POST', path: plain, headers: { authorization, ...json }, body: JSON.stringify([{ stage: secret, [secret]: [secret] }]) },
        { method: 'POST', path: plain, headers: { authorization, ...json }, body: `{"token": "${secret}" ${secret}` },
        { method: 'POST', path: plain, headers: { authorization, 'content-type': encodeURIComponent(secret) }, body: secret },
      ]
    }),
  ]
}

/** Status line, headers and body as one text. */
function answer({ url }: CanaryHost, agent: Agent, { method, path, headers = {}, body }: Request): Promise<string> {
  return new Promise((resolve, reject) => {
    const going = ask(url + path, { agent, method, headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) }, timeout: ANSWER_MS }, (response) => {
      let text = `${response.statusCode} ${response.rawHeaders.join(' ')}\n`
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece)).on('end', () => resolve(`${text}\n`)).on('error', reject)
    })
    going.on('timeout', () => going.destroy(new Error(`no answer to ${method} ${path}`))).on('error', reject).end(body)
  })
}

const malformed = (secret: string): string[] => [
  `GET /v1/manifest HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${secret}\r\nbad header ${secret}\r\n\r\n`,
  `GET /v1/${encodeURIComponent(secret)}%zz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
  `${encodeURIComponent(secret)} / HTTP/1.1\r\n\r\n`,
  `POST /v1/enrol HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${secret}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${secret}`,
]

/** What comes back until the server hangs up. */
function raw({ url, state }: CanaryHost, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    let seen = ''
    const socket = connect({ host: hostname, port: Number(port), ca: readFileSync(state.ca), timeout: ANSWER_MS }, () => socket.write(text))
    socket.setEncoding('utf8').on('data', (piece: string) => (seen += piece)).on('timeout', () => socket.destroy()).on('error', () => {}).on('close', () => resolve(seen))
  })
}
