/** Something on this machine that its operator has to mend first. The message is one line (further lines, indented, say what to type). */
export class SetupError extends Error {
  override readonly name = 'SetupError'
}
