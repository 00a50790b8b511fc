/** What a database says to somebody who connects, before anybody has logged in. */
export interface Greeting {
  /** As people call it: `MySQL 5.7.29`, `PostgreSQL`. */
  readonly product: string
  /** It is there and takes nobody now, or not us: in its own words. */
  readonly refuses?: string
}

/** How a kind of database is recognised by its port. */
export interface Protocol {
  readonly port: number
  /** What the client sends first; absent where the server speaks first. */
  readonly hello?: Uint8Array
  /**
   * @param bytes everything that came so far
   * @returns `more` when it may still become a greeting; undefined when it is none
   */
  read(bytes: Buffer): Greeting | 'more' | undefined
}
