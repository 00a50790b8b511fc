import { ImageRefusal } from '../refusal.ts'

/** guestfish reads lines of 8 KiB and takes what is longer for two commands. */
const LONGEST_LINE = 8000

/**
 * One line for guestfish. Every argument stands in double quotes with all but harmless bytes as `\xNN`, so that nothing in it is a
 * quote, a pipe, a here-document, a home folder or a new line. The dash in front keeps guestfish alive when the command fails.
 *
 * @throws ImageRefusal for what guestfish cannot be told: a zero byte, a line that is too long
 */
export function commandLine(command: string, args: readonly (string | Buffer)[]): string {
  const line = [`-${command}`, ...args.map(quote)].join(' ')
  if (line.length > LONGEST_LINE) throw new ImageRefusal(`a path in the image is too long for guestfish: ${line.slice(0, 100)}…`)
  return line
}

export function quote(value: string | Buffer): string {
  const bytes = Buffer.from(value as string)
  if (bytes.includes(0)) throw new ImageRefusal(`a path with a zero byte cannot be looked for in the image: ${JSON.stringify(bytes.toString('utf8'))}`)
  return `"${[...bytes].map((byte) => (harmless(byte) ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`)).join('')}"`
}

/** Whether a name can stand in guestfish's lists, which have rules of their own for spaces, quotes and backslashes. */
export function fitsList(name: Buffer): boolean {
  return name.length > 0 && name.every(harmless)
}

/** Lists of names whose commands stay short enough. */
export function* inLists(names: readonly Buffer[]): Generator<Buffer[]> {
  let list: Buffer[] = []
  let length = 0
  for (const name of names) {
    if (length + name.length > LONGEST_LINE / 4) {
      yield list
      list = []
      length = 0
    }
    list.push(name)
    length += name.length + '\\x20'.length
  }
  if (list.length > 0) yield list
}

function harmless(byte: number): boolean {
  return /[A-Za-z0-9./_+=:,@-]/.test(String.fromCharCode(byte))
}
