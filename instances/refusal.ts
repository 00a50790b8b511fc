/** Why something was not done, for the person who asked: one line, and further, indented lines that say what to type. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** `usage`: the words were at fault and nothing was changed; `failed`: the world was. */
  readonly kind: 'usage' | 'failed'

  constructor(message: string, kind: 'usage' | 'failed' = 'usage', options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}
