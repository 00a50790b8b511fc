// A bad network between two programs of this machine, whose kernel has no netem: a TCP relay on the loopback that delays, throttles, stalls
// and cuts. What it does not take off one side it holds back on the other: the sender feels the link's own slowness.
import { once } from 'node:events'
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Held } from './relay-held.ts'

/** What the link does to each connection; left out, it does not do that. */
export interface Link {
  /** Milliseconds each way. */
  readonly delayMs?: number
  /** Of each connection, each way. */
  readonly bytesPerSecond?: number
  /** As TCP shows lost packets: after so many bytes nothing comes for a while. */
  readonly stall?: { readonly afterBytes: () => number; readonly ms: number }
  /** Bytes towards the client after which the connection is cut, exactly; asked for each connection. */
  readonly cutAfter?: () => number
}

export interface Relay extends AsyncDisposable {
  /** On 127.0.0.1. */
  readonly port: number
  /** Connections that were taken so far, and those of them that the link has cut. */
  readonly taken: number
  readonly cut: number
  /** Bytes that came out at the client's end. */
  readonly toClient: number
  /** What the link is from now on; connections that are there keep their cut. */
  become(link: Link): void
  /** As a network that is gone: connections stay, nothing passes, new ones are not answered. */
  hold(): void
  release(): void
  /** Ends all connections at once. */
  cutAll(): void
}

/** Bytes of one piece: small, so that a slow link is slow evenly. */
const PIECE = 4 * 1024

export async function startRelay(target: { readonly host?: string; readonly port: number }, link: Link = {}): Promise<Relay> {
  const state = { link, taken: 0, cut: 0, toClient: 0, gate: open() }
  const connections = new Set<() => void>()
  const server = createServer({ allowHalfOpen: true }, (client) => {
    state.taken++
    const upstream = createConnection({ host: '127.0.0.1', ...target, allowHalfOpen: true })
    const ended = new AbortController()
    const end = (): void => {
      ended.abort()
      client.destroy()
      upstream.destroy()
      connections.delete(end)
    }
    connections.add(end)
    for (const socket of [client, upstream]) socket.setNoDelay(true).on('error', end)
    let left = state.link.cutAfter?.() ?? Infinity
    const count = (bytes: number): number => {
      const part = Math.min(bytes, left)
      left -= part
      state.toClient += part
      return left > 0 ? Infinity : part
    }
    const { signal } = ended
    const back = carry(upstream, client, state, { signal, count }).then((whole) => {
      if (whole) return
      state.cut++
      end()
    })
    Promise.all([carry(client, upstream, state, { signal, count: () => Infinity }), back]).finally(end).catch(() => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cutAll = (): void => {
    state.cut += connections.size
    for (const end of connections) end()
  }
  return {
    port: (server.address() as AddressInfo).port,
    get taken() {
      return state.taken
    },
    get cut() {
      return state.cut
    },
    get toClient() {
      return state.toClient
    },
    become: (link) => void (state.link = link),
    hold: () => void (state.gate = closed()),
    release() {
      state.gate.open()
      state.gate = open()
    },
    cutAll,
    async [Symbol.asyncDispose]() {
      for (const end of connections) end()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Gate {
  readonly passed: Promise<void>
  open(): void
}

const open = (): Gate => ({ passed: Promise.resolve(), open() {} })

function closed(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { passed: promise, open: resolve }
}

interface Way {
  readonly signal: AbortSignal
  /** Bytes that pass; of these the last before the connection is cut, Infinity while it is not. */
  count(bytes: number): number
}

/** One direction, piece by piece, each when it is due. @returns false when it was cut, true when the sender ended it */
async function carry(from: Socket, to: Socket, state: { readonly link: Link; readonly gate: Gate }, { signal, count }: Way): Promise<boolean> {
  const held = new Held()
  const reading = read(from, held, () => state.link.delayMs ?? 0)
  reading.catch(() => {}) // what it is comes out below, once all that was read before is through
  let free = 0
  let untilStall = state.link.stall?.afterBytes() ?? Infinity
  for await (const { bytes, due } of held) {
    const { bytesPerSecond, stall } = state.link
    free = Math.max(free, performance.now())
    if (bytesPerSecond !== undefined) free += (bytes.length / bytesPerSecond) * 1000
    if ((untilStall -= bytes.length) <= 0 && stall) {
      free += stall.ms
      untilStall = stall.afterBytes()
    }
    await until(Math.max(due, bytesPerSecond === undefined && !stall ? 0 : free), signal)
    await state.gate.passed
    signal.throwIfAborted()
    const most = count(bytes.length)
    const sent = most === Infinity ? bytes : bytes.subarray(0, most)
    if (!to.write(sent)) await once(to, 'drain', { signal })
    if (most === Infinity) continue
    to.end()
    await once(to, 'finish', { signal })
    return false
  }
  await reading
  to.end()
  return true
}

async function read(from: Socket, held: Held, delayMs: () => number): Promise<void> {
  try {
    for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const due = performance.now() + delayMs()
      for (let at = 0; at < chunk.length; at += PIECE) await held.put({ bytes: chunk.subarray(at, at + PIECE), due })
    }
  } finally {
    held.end()
  }
}

async function until(due: number, signal: AbortSignal): Promise<void> {
  const wait = due - performance.now()
  if (wait > 0) await pause(wait, undefined, { signal })
}
