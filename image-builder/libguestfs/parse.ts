import type { NodeType, TreeNode } from '../tree.ts'

const TYPES: Readonly<Record<number, NodeType>> = { 0o100000: 'file', 0o040000: 'folder', 0o120000: 'link' }

/** What guestfish prints of `lstatnslist`, in order; undefined for a name that is not there. */
export function parseStats(printed: Buffer): (TreeNode | undefined)[] {
  return [...printed.toString('latin1').matchAll(/^\[\d+\] = \{\n([^}]*)\}/gm)].map(([, fields]) => parseStat(fields!))
}

/** What guestfish prints of `lstatns`, or one of a list; never a link's target. */
export function parseStat(printed: string): TreeNode | undefined {
  const fields = new Map([...printed.matchAll(/^ *st_(\w+): (-?\d+)$/gm)].map(([, name, value]) => [name, Number(value)]))
  const number = (name: string): number => {
    const value = fields.get(name)
    if (value === undefined) throw new TypeError(`guestfish printed no st_${name}: ${printed.slice(0, 100)}`)
    return value
  }
  if (number('ino') === -1) return undefined
  const mode = number('mode')
  return {
    type: TYPES[mode & 0o170000] ?? 'other', mode: mode & 0o7777, uid: number('uid'), gid: number('gid'), size: number('size'), mtime: number('mtime_sec'), links: number('nlink'),
  }
}

/**
 * Of `lxattrlist`: one set of names a file, in order. Values are printed ambiguously and are not taken; each file begins
 * with an entry without a name.
 */
export function parseAttributeNames(printed: Buffer): string[][] {
  const files: string[][] = []
  for (const [, name] of printed.toString('latin1').matchAll(/^ {2}attrname: (.*)$/gm)) {
    if (name === '') files.push([])
    else files.at(-1)?.push(name!)
  }
  return files
}

/** Lines such as `/: /dev/sda1` or `/dev/sda1: ext4`; devices and types have no colon followed by a space in them. */
export function parsePairs(printed: Buffer): [string, string][] {
  return lines(printed).map((line) => {
    const at = line.lastIndexOf(': ')
    return [line.slice(0, at), line.slice(at + 2)]
  })
}

/** Of `statvfs`. */
export function parseNumbers(printed: Buffer): ReadonlyMap<string, number> {
  return new Map(parsePairs(printed).map(([name, value]) => [name, Number(value)]))
}

export function lines(printed: Buffer): string[] {
  return printed.toString('utf8').split('\n').filter((line) => line !== '')
}

/** UTF-8, or its bytes with everything else as `\xNN`. */
export function nameOf(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (Buffer.from(text).equals(bytes)) return text
  return [...bytes].map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`)).join('')
}
