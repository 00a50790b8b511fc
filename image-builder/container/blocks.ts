/** A disk as the guest sees it, through whatever container it lies in. Offsets and lengths are bytes. */
export interface Blocks extends AsyncDisposable {
  readonly size: number
  /** @throws BuildFailure when the bytes cannot be read, RangeError beyond the end */
  read(offset: number, length: number): Promise<Buffer>
  write(offset: number, data: Buffer): Promise<void>
  /** What was written is in the file, as far as the kernel is concerned. */
  flush(): Promise<void>
}
