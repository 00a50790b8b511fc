import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { inspect } from 'node:util'

/**
 * A value that cannot be printed by accident: JSON, string conversion, util.inspect and pino all show `[secret]`.
 * `reveal()` is the one way out, and easy to find in a review.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** 256 bits, base64url. */
  static random(): Secret {
    return new Secret(randomBytes(32).toString('base64url'))
  }

  reveal(): string {
    return this.#value
  }

  /** Hex SHA-256; what may be stored in place of the secret (the secrets we make have 80 bits or more). */
  sha256(): string {
    return createHash('sha256').update(this.#value).digest('hex')
  }

  /** Compares with a stored digest in constant time. */
  matches(sha256: string): boolean {
    const ours = Buffer.from(this.sha256(), 'hex')
    const theirs = Buffer.from(sha256, 'hex')
    return ours.length === theirs.length && timingSafeEqual(ours, theirs)
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  [inspect.custom](): string {
    return '[secret]'
  }
}
