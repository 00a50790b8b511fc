/** The wish or the base image cannot be used as it is: nothing was written, and the message says what to do. The command's exit code is 2. */
export class ImageRefusal extends Error {
  override readonly name: string = 'ImageRefusal'
}

/** One way cannot do it safely; the other may. The message completes "the direct way cannot: …". */
export class NotThisWay extends ImageRefusal {
  override readonly name = 'NotThisWay'
}

/** Something went wrong on the way although wish and image were right (full disk, a tool that failed a check); OUT was not made. */
export class BuildFailure extends Error {
  override readonly name = 'BuildFailure'
}
