export type SnapshotProblem =
  | 'missing' // source.path is not there, is no folder, or cannot be read
  | 'not-trove' // nothing in it, or no trove/ package
  | 'refused' // a link that leaves the tree, a socket, a name that is not UTF-8
  | 'unstable' // it changed all the time
  | 'git' // git itself is missing or says no
  | 'requirements' // lines that pip in a guest could not use

/** Why there is no snapshot. One line: what was expected, what came, what mends it. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
  readonly problem: SnapshotProblem

  constructor(problem: SnapshotProblem, message: string, options?: ErrorOptions) {
    super(message, options)
    this.problem = problem
  }
}

/** The tree was not the same before and after: not an error yet, it is read again. */
export class TreeChanged extends Error {
  override readonly name = 'TreeChanged'
}
