/** Words for exit codes; the same for every verb. */
export const EXIT = {
  well: 0,
  failed: 1,
  /** Wrong usage or configuration, or an input that cannot be used: nothing was changed. */
  usage: 2,
  causeFound: 3,
  undecided: 4,
} as const

/** An end that is explained to the person at the terminal: shown as its message, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: number

  /** @param message one line: what was expected, what came; further lines, indented, say what to type */
  constructor(message: string, exitCode: number = EXIT.usage, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}
