import type { Standpoint } from './diagnosis.ts'

interface Usual {
  /** Seconds on a processor with hardware virtualisation. Longer is slow, not wrong. */
  readonly quick: number
  /** Seconds under software emulation on a busy host: ten to twenty times slower. Longer is no slowness any more. */
  readonly slow: number
  readonly because: string
}

/** How long a stage takes while all is well. */
export const USUAL: Record<Standpoint, Usual> = {
  boot: { quick: 60, slow: 300, because: 'volume, server, kernel and cloud-init come before the first word' },
  identify: { quick: 10, slow: 60, because: 'reads a few files, once cloud-init has written them' },
  network: { quick: 20, slow: 120, because: 'DHCP, and one TLS handshake' },
  enrol: { quick: 10, slow: 60, because: 'one request' },
  fetch: { quick: 30, slow: 180, because: 'the whole tree is sent, hashed and written' },
  configure: { quick: 5, slow: 60, because: 'one request and one file' },
  'install-requirements': { quick: 120, slow: 600, because: 'pip resolves, unpacks and compiles what the image lacks' },
  'reach-rabbitmq': { quick: 15, slow: 120, because: 'one AMQP handshake' },
  'start-agent': { quick: 30, slow: 240, because: 'the agent imports all of Trove before it is there' },
  confirm: { quick: 60, slow: 240, because: 'the agent formats its volume, then connects to RabbitMQ' },
  ready: { quick: 60, slow: 240, because: 'the agent takes the prepare message from its queue' },
  prepare: { quick: 300, slow: 900, because: "the datastore's container image is pulled and unpacked, and the database has to become healthy" },
}

/** Seconds from its creation after which an instance that is up was late: longer than all of a healthy bring-up takes on a real processor. */
export const LATE = 900

/** Seconds that a slow bring-up takes from the instance's creation to the end of a stage. */
export function slowUpTo(point: Standpoint): number {
  const points = Object.keys(USUAL) as Standpoint[]
  return points.slice(0, points.indexOf(point) + 1).reduce((sum, one) => sum + USUAL[one].slow, 0)
}
