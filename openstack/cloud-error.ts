import { printable } from '../contract/printable.ts'

/** Why a cloud could not be asked: one line that says what was asked, what came, and what to type. Never quotes a password or a token; a stranger's words in it are printable. */
export class CloudError extends Error {
  override readonly name = 'CloudError'
  /** Of the HTTP answer; absent when there was none. */
  readonly status?: number
  /** Nothing came in time. */
  readonly silent: boolean

  constructor(message: string, { status, silent = false, cause }: { status?: number; silent?: boolean; cause?: unknown } = {}) {
    super(printable(message), { cause })
    if (status !== undefined) this.status = status
    this.silent = silent
  }
}
