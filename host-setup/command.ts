/** One thing that is typed on the host: a program and its words, never a shell. */
export interface Command {
  readonly program: string
  readonly args: readonly string[]
  /** What it reads on standard input. */
  readonly input?: string
}

/** A command, and the one that takes it back; absent where there is nothing to take back. */
export interface Step extends Command {
  readonly undo?: Command
}

/** As it would be typed in a shell, with what it reads as a here-document. */
export function typed({ program, args, input }: Command): string {
  const line = [program, ...args].map(quoted).join(' ')
  return input === undefined ? line : `${line} <<'END'\n${input.replace(/\n?$/, '\n')}END`
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
