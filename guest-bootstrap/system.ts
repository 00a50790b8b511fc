import type { AmqpTarget } from '../amqp/target.ts'
import type { Secret } from '../contract/secret.ts'

/**
 * The one seam between the bring-up and the machine it runs on. Everything that reads or changes the world goes through here,
 * so a test hands in a machine of its own. Paths are the guest's, absolute.
 */
export interface System {
  readonly files: Files
  readonly clock: Clock
  /** Runs a program without a shell. A program that cannot be started is a `ProgramError`; one that ends badly is a value. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<Finished>
  /** Addresses of the interfaces that are up, without loopback. */
  addresses(): readonly InterfaceAddress[]
  /** One HTTP exchange. A connection that fails keeps Node's error with its `code`. */
  http(request: HttpRequest): Promise<HttpAnswer>
  /** What stands at a TLS port, looked at without trusting it: only ever to explain a failure. */
  peek(url: string, timeout: number): Promise<Peeked>
  /** Opens an AMQP connection and says exactly why it cannot (a `Fault`). */
  amqp(target: AmqpTarget): Promise<AmqpSession>
}

/** Synchronous on purpose: one daemon, one thread, and a third of the CPU time that the asynchronous calls cost. */
export interface Files {
  /** undefined when there is no such file; every other failure throws. */
  text(path: string): string | undefined
  bytes(path: string): Buffer | undefined
  /** A file piece by piece, for what may be large. */
  pieces(path: string): Iterable<Buffer>
  /** lstat; undefined when there is nothing. */
  stat(path: string): FileStat | undefined
  /** Target of a symbolic link; undefined when it is none. */
  link(path: string): string | undefined
  /** Names in a folder, sorted; empty when there is none. */
  list(folder: string): string[]
  /** Replaces a file whole or not at all: written beside, flushed, renamed. Makes the folder it lies in. */
  write(path: string, content: string | Uint8Array, attributes: Attributes): void
  /** Creates a new file piece by piece; not flushed (see `flush`). */
  create(path: string, mode: number): FileSink
  /** Goes on at the end of a file, or begins it; not flushed. */
  extend(path: string, mode: number): FileSink
  folder(path: string, attributes?: Attributes): void
  /** Points a symbolic link somewhere, replacing what is there in one rename that survives a power cut. Makes the folder it lies in. */
  point(path: string, target: string): void
  symlink(path: string, target: string): void
  /** Gives a file a second name. @returns false where the file system cannot */
  share(from: string, to: string): boolean
  rename(from: string, to: string): void
  /** A file, or a folder with all that is in it; nothing there is fine. */
  remove(path: string): void
  own(path: string, attributes: Attributes): void
  /** Free bytes for root on the file system of a path. */
  free(path: string): number
  /** Returns when all that was written to the file system of a path survives a power cut. */
  flush(path: string): Promise<void>
}

export interface FileStat {
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  readonly mode: number
  readonly size: number
  readonly uid: number
  readonly gid: number
}

export interface Attributes {
  readonly mode: number
  /** Root unless said otherwise. */
  readonly owner?: Owner
}

export interface Owner {
  readonly uid: number
  readonly gid: number
}

export interface FileSink {
  write(bytes: Uint8Array): void
  close(): void
}

export interface Clock {
  /** Milliseconds since 1970, as the guest believes. */
  now(): number
  /** Seconds since boot; never goes back. */
  uptime(): number
  sleep(seconds: number): Promise<void>
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Seconds after which the program is killed. 60 unless said otherwise. */
  readonly timeout?: number
  /** Kills the program. */
  readonly signal?: AbortSignal
}

export interface Finished {
  /** undefined when a signal (or the time limit) ended it. */
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** The program is not there or may not be run. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError'
}

export interface InterfaceAddress {
  readonly name: string
  readonly address: string
}

export interface HttpRequest {
  readonly url: string
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly bearer?: Secret
  /** Sent as JSON. */
  readonly json?: unknown
  /** PEM of the only CA that is trusted, for https. */
  readonly ca?: string
  /** Milliseconds of silence after which the exchange ends with ETIMEDOUT. */
  readonly timeout: number
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: AsyncIterable<Buffer>
}

export interface Peeked {
  /** Of the certificate, milliseconds since 1970. */
  readonly validFrom: number
  readonly validTo: number
  /** The server's own clock from its Date header, where it gave one. */
  readonly date?: number
}

/** Failures are `Fault`s with host, port, vhost and user in their details. */
export interface AmqpSession {
  readonly product: string
  declareExchange(name: string, options: { durable: boolean; autoDelete: boolean }): Promise<void>
  declareQueue(name: string, options: { durable: boolean; autoDelete: boolean; arguments: Record<string, unknown> }): Promise<void>
  bindQueue(queue: string, exchange: string, key: string): Promise<void>
  /** Number of consumers; undefined when the queue does not exist. */
  consumers(queue: string): Promise<number | undefined>
  /** Fails when an alarm makes the broker block publishers. */
  checkAlarm(): Promise<void>
  close(): Promise<void>
}
