/** What was asked for cannot be done as it is: nothing was changed, and the message says what to do. The command's exit code is 2. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}

/** Something went wrong on the way. The message says what is left of it, and what to type; the command's exit code is 1. */
export class Failure extends Error {
  override readonly name = 'Failure'
}
