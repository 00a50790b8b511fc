import { bringUp } from '../../guest-bootstrap/engine.ts'
import { closeConnections } from '../../guest-bootstrap/machine/real-http.ts'
import { bringUpStages } from '../../guest-bootstrap/stages.ts'
import { currentManifest } from '../../guest-bootstrap/tree/current.ts'
import { bad } from './guest-faults-process-conditions.ts'
import { breakableGuest } from './guest-faults-process-guest.ts'
import { relayHost, type RelayHost } from './relay-host.ts'
import type { Link } from './relay.ts'
import { figure, type Figure, type Torture, type TortureRun } from './torture.ts'

/** Bytes that a connection may cost besides its part of the tree: TLS's handshake, headers, and the record that was cut in its middle. */
const A_CONNECTION = 32 * 1024
/** What comes besides the pack: greeting, enrolment, manifest. */
const BESIDES = 32 * 1024

export const slowLink: Torture = {
  name: 'slow-link',
  purpose: 'A tree comes to a guest over links that are slow, stall and cut each connection, at fixed and at random bytes: it always arrives, and each byte crosses the link once.',
  takes: '3 minutes',
  async run(run) {
    await using stack = new AsyncDisposableStack()
    const place = await relayHost(stack, { bytes: run.size === 'full' ? 2_000_000 : 400_000 })
    const rows: Figure[] = []
    for (const [number, [name, link]] of links(run).entries()) {
      const row = await over(place, { name, link, number, hurry: run.size === 'full' ? 1 : 20 })
      run.say(`${name}: ${row.measured}`)
      rows.push(row)
    }
    return rows
  },
}

function links({ size, random }: TortureRun): readonly (readonly [string, Link])[] {
  const slow: Link = size === 'full' ? { delayMs: 200, bytesPerSecond: 64_000 } : { delayMs: 10, bytesPerSecond: 2_000_000 }
  const between = (least: number, most: number) => (): number => Math.floor(least + random() * (most - least))
  const words = size === 'full' ? '200 ms each way, 64 kB/s' : '10 ms each way, 2 MB/s'
  const scale = size === 'full' ? 1 : 0.2
  return [
    ['a good link', {}],
    [words, slow],
    [`${words}, cut every ${500 * scale} kB`, { ...slow, cutAfter: () => 500_000 * scale }],
    [`${words}, cut after ${100 * scale} to ${400 * scale} kB, at random`, { ...slow, cutAfter: between(100_000 * scale, 400_000 * scale) }],
    [`${words}, a second's silence every ${100 * scale} to ${300 * scale} kB`, { ...slow, stall: { afterBytes: between(100_000 * scale, 300_000 * scale), ms: 1000 * scale } }],
  ]
}

interface Crossing {
  readonly name: string
  readonly link: Link
  readonly number: number
  readonly hurry: number
}

/** The stages up to the tree, of a guest that has nothing. */
async function over({ host, token, relay }: RelayHost, { name, link, number, hurry }: Crossing): Promise<Figure> {
  await using stack = new AsyncDisposableStack()
  closeConnections()
  relay.become(link)
  const before = { bytes: relay.toClient, taken: relay.taken, cut: relay.cut }
  const world = bad({ host, relay })
  const guest = await breakableGuest(stack, { url: `https://127.0.0.1:${relay.port}`, host, token, number, world, hurry })
  const began = performance.now()
  const upToTree = bringUpStages.slice(0, bringUpStages.findIndex(({ name }) => name === 'fetch') + 1)
  const limit = AbortSignal.timeout(600_000)
  limit.addEventListener('abort', () => (world.ended = true))
  await bringUp(upToTree, guest, { announce: () => {}, chance: () => 0 })
  const seconds = (performance.now() - began) / 1000
  const [sent, connections, cuts] = [relay.toClient - before.bytes, relay.taken - before.taken, relay.cut - before.cut]
  const bytes = currentManifest(guest.files)!.manifest.pack.zstd.size
  const most = bytes + BESIDES + connections * A_CONNECTION
  const ideal = link.bytesPerSecond === undefined ? '' : ` of ${(bytes / link.bytesPerSecond).toFixed(1)} s at best`
  return figure(name, `${seconds.toFixed(1)} s${ideal}; connections: ${connections}, cut: ${cuts}; ${(sent / bytes).toFixed(2)} × its bytes`, `arrives, at most ${(most / bytes).toFixed(2)} × its bytes`, sent <= most)
}
