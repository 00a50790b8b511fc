/** Why the host could not be set up as was asked: the first line says what was expected and what came, further lines, indented, what to type. */
export class HostError extends Error {
  override readonly name = 'HostError'
  /** `usage`: what was asked for is at fault, and nothing was changed; `failed`: the host is. */
  readonly kind: 'usage' | 'failed'

  constructor(message: string, kind: 'usage' | 'failed' = 'usage', options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}
