/**
 * Something about the served configuration. `error`: a guest with it can never become healthy.
 * `warning`: it works, or may work, but not as it is written. No text holds a password.
 */
export interface Finding {
  readonly level: 'error' | 'warning'
  readonly section: string
  readonly option: string
  /** What was expected and what came. */
  readonly message: string
  /** What to type. */
  readonly mend: string
}
