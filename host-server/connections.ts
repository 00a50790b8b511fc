// Who has to go when there are too many connections. No address has a limit of its own: all guests of a network may come from one address
// (NAT, a proxy), so a limit would let one of them lock out the others. Only when the whole is full somebody goes, and a newcomer is never
// turned away: whoever floods would win by being early. It is the oldest connection without a credential that has been accepted, of the
// address that has most of those. A guest's connection is such a one for its handshake and first request alone.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { sameHolder } from './admission/attempts.ts'

interface Connection {
  readonly socket: Socket
  readonly name: string
  readonly holder: string
  /** Whose credential it has brought last. */
  caller?: string
}

export interface ConnectionLimits {
  readonly inAll: number
  /** Of one caller. */
  readonly ofOne: number
}

export class Connections {
  readonly #limits: ConnectionLimits
  readonly #all = new Map<string, Connection>()
  /** Both in the order of how long ago: first is longest. */
  readonly #strangers = new Map<string, Set<Connection>>()
  readonly #callers = new Map<string, Set<Connection>>()

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
  }

  /** From now on counts what the server accepts, from before TLS on. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#came(socket))
  }

  /**
   * Somebody's credential was accepted on this connection.
   * @param caller the same for all connections of one
   */
  vouch(socket: Socket, caller: string): void {
    const connection = this.#all.get(nameOf(socket))
    if (!connection) return
    this.#drop(connection)
    connection.caller = caller
    put(this.#callers, caller, connection)
    const own = this.#callers.get(caller)!
    if (own.size > this.#limits.ofOne) this.#end(first(own))
  }

  #came(socket: Socket): void {
    if (socket.remoteAddress === undefined) return // it is gone already
    const connection: Connection = { socket, name: nameOf(socket), holder: sameHolder(socket.remoteAddress) }
    this.#all.set(connection.name, connection)
    put(this.#strangers, connection.holder, connection)
    socket.once('close', () => this.#forget(connection))
    if (this.#all.size <= this.#limits.inAll) return
    // Where there is no stranger but the one who has just come, the caller with most connections is the one who takes too much.
    const groups = this.#strangers.size > 1 || this.#strangers.get(connection.holder)!.size > 1 ? this.#strangers : this.#callers
    this.#end(first(largest(groups)))
  }

  #end(connection: Connection): void {
    this.#forget(connection) // at once: `close` comes later than the next newcomer may
    connection.socket.destroy()
  }

  #forget(connection: Connection): void {
    if (this.#all.get(connection.name) !== connection) return
    this.#all.delete(connection.name)
    this.#drop(connection)
  }

  #drop(connection: Connection): void {
    const [groups, key] = connection.caller === undefined ? [this.#strangers, connection.holder] : [this.#callers, connection.caller]
    const group = groups.get(key)
    group?.delete(connection)
    if (group?.size === 0) groups.delete(key)
  }
}

function put(groups: Map<string, Set<Connection>>, key: string, connection: Connection): void {
  const group = groups.get(key)
  if (group) group.add(connection)
  else groups.set(key, new Set([connection]))
}

function largest(groups: ReadonlyMap<string, ReadonlySet<Connection>>): ReadonlySet<Connection> {
  return [...groups.values()].reduce((most, group) => (group.size > most.size ? group : most))
}

const first = (group: ReadonlySet<Connection>): Connection => group.values().next().value!

/** The TLS socket of a request and the TCP socket below it are two objects for one connection. */
function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
}
