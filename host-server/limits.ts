// What a client may take of host-server's time and memory. Whoever takes more loses its connection, and nobody else notices.

export type ServerLimits = { readonly [name in keyof typeof SERVER_LIMITS]: number }

/** What Node's server is told. All times in milliseconds. */
export const SERVER_LIMITS = {
  /** A guest on an emulated processor needs about a second for its part of TLS; Node's own two minutes are a gift to half-open connections. */
  handshakeTimeout: 20_000,
  /** From the first byte, or the handshake, to the end of the headers: they are one packet. */
  headersTimeout: 15_000,
  /** To the end of the body: the largest that is taken is 1 MiB, and the link may do 20 KB/s. */
  requestTimeout: 60_000,
  /** How late the two above may be. Node looks every 30 s unless told. */
  connectionsCheckingInterval: 5_000,
  /** Between two requests: pip and a bring-up's stages follow each other faster, and who comes later pays one handshake. */
  keepAliveTimeout: 20_000,
  /**
   * Nothing moved in either direction: a download that nobody reads any more, a peer that is gone. More than the 50 s of a guest that waits
   * for the next tree (follow/followers.ts) and hears nothing. Where something waits to be sent Node looks twice, so that takes double.
   */
  connectionTimeout: 65_000,
  /** So that a connection which never rests meets a renewed certificate too, and no answer is delayed: the client opens the next one. */
  maxRequestsPerSocket: 5_000,
  /** Bytes of all headers. The longest that are ours, credential and ETags, are below 1 KiB. */
  maxHeaderSize: 8 * 1024,
} as const

/** Headers beyond are not parsed into anything; pip sends a dozen. */
export const MOST_HEADERS = 64

/**
 * Connections in all: a thousand guests with three each, and room. One that idles with TLS was measured at 65 KB, so this bounds
 * what strangers cost: 260 MB. Who has a credential can make it more, a stalled pack about 350 KB and a body its size.
 */
export const MOST_CONNECTIONS = 4_000

/** Of one connection at a time, before their answers; see pipelining.ts. A client that means well has one. */
export const MOST_OPEN_QUESTIONS = 4

/**
 * Connections of one instance, or of the operator. A guest has one for its bring-up, one for reports, one that waits for the next tree, and
 * pip's; whoever got hold of an instance's credential gets no more of the host with it.
 */
export const MOST_OF_ONE_CALLER = 16
