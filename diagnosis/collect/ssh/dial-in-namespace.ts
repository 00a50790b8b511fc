import { spawn } from 'node:child_process'
import { Duplex } from 'node:stream'
import { CannotSee } from '../collector.ts'
import { dialFailure } from './dial.ts'

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/
const OPEN = 'open\n'
/** Runs in the namespace: one TCP connection as its standard input and output; says on stderr how it went. */
const PIPE = `
const [, host, port] = process.argv
const socket = require('node:net').connect({ host, port: Number(port), noDelay: true })
socket.on('error', (error) => { process.stderr.write(error.code ?? 'failed'); process.exit(1) })
socket.on('connect', () => { process.stderr.write(${JSON.stringify(OPEN)}); process.stdin.pipe(socket).pipe(process.stdout) })
socket.on('close', () => process.exit())
`

/** A TCP connection from inside a network namespace of this host. @throws CannotSee `no such namespace: qdhcp-…` */
export async function dialInNamespace(netns: string, place: { readonly host: string; readonly port: number }, signal: AbortSignal): Promise<Duplex> {
  if (!NAME.test(netns)) throw new CannotSee(`no such namespace: ${netns}`)
  const child = spawn('ip', ['netns', 'exec', netns, process.execPath, '-e', PIPE, '--', place.host, String(place.port)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
  })
  const { promise: open, resolve, reject } = Promise.withResolvers<void>()
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-1000)
    if (said.endsWith(OPEN)) resolve()
  })
  child.stdin.on('error', () => {}) // the connection may end before all is written
  child.on('error', (error) => reject(new CannotSee(`namespace ${netns} cannot be entered: ${error.message}`, { cause: error })))
  child.on('close', () => reject(failure(said.trim(), netns, place)))
  const late = () => reject(dialFailure('ETIMEDOUT', place))
  if (signal.aborted) late()
  signal.addEventListener('abort', late)
  try {
    await open
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    signal.removeEventListener('abort', late)
  }
  return Duplex.from({ readable: child.stdout, writable: child.stdin }).on('close', () => child.kill('SIGKILL'))
}

/** @param said `ECONNREFUSED` from our own program, or the words of ip(8) */
function failure(said: string, netns: string, place: { readonly host: string; readonly port: number }): CannotSee {
  if (/^E[A-Z_]+$/.test(said)) return dialFailure(said, place)
  if (/Cannot open network namespace.*No such file/.test(said)) return new CannotSee(`no such namespace: ${netns}`)
  if (/not permitted|Permission denied/.test(said)) return new CannotSee(`namespace ${netns}: only root can enter it`)
  return new CannotSee(`namespace ${netns}: ${said.split('\n').at(-1) || 'ip netns exec ended'}`)
}
