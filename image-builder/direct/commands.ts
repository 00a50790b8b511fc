import type { Standing } from './standing.ts'
import { ImageRefusal } from '../refusal.ts'

/**
 * debugfs reads its commands line by line: a newline in a name would be a new command, a line that begins with `!` runs a
 * shell on this host, and the rest of a line of more than 8191 bytes is the next command. Names of more than 255 bytes
 * damage the folder. None of that may pass here.
 *
 * @throws ImageRefusal for what cannot be said safely
 */
export function quotePath(path: string): string {
  const parts = path.split('/').slice(1)
  const odd = !path.startsWith('/') || parts.some((part) => part === '' || part === '.' || part === '..' || Buffer.byteLength(part) > 255)
  if (path !== '/' && odd) throw new ImageRefusal(`the path ${JSON.stringify(path.slice(0, 100))} cannot be written safely`)
  return quoteWord(path)
}

export function quoteWord(word: string): string {
  if (/[\0\r\n]/.test(word) || Buffer.byteLength(word) > 2000 || word === '') {
    throw new ImageRefusal(`the name ${JSON.stringify(word.slice(0, 100))} cannot be written safely`)
  }
  return `"${word.replaceAll('"', '""')}"`
}

const TYPE_BITS = { folder: 0o040000, file: 0o100000, edit: 0o100000 }

/** The command file for debugfs. Pure; `standing` is in the order in which the changes are made. */
export function renderCommands(standing: readonly Standing[]): string {
  return standing.flatMap(commandsFor).map((line) => `${line}\n`).join('')
}

function commandsFor({ change, path, exists, source, attributes }: Standing): string[] {
  const name = quotePath(path)
  const clear = exists === 'thing' ? [`rm ${name}`] : exists === 'folder' ? [`rmdir ${name}`] : []
  switch (change.kind) {
    case 'folder':
      if (exists === 'folder') return change.keep ? [] : owner(name, change, TYPE_BITS.folder)
      return [`mkdir ${name}`, ...owner(name, change, TYPE_BITS.folder)]
    case 'file':
    case 'edit':
      return [
        ...clear,
        `write ${quoteWord(source!)} ${name}`,
        ...owner(name, change, TYPE_BITS.file),
        ...attributes.map(({ attribute, file }) => `ea_set -f ${quoteWord(file)} ${name} ${quoteWord(attribute)}`),
      ]
    case 'link':
      return [...clear, `symlink ${name} ${quoteWord(change.target)}`]
    case 'remove':
      return clear
  }
}

function owner(name: string, { mode, uid, gid }: { mode: number; uid: number; gid: number }, type: number): string[] {
  return [`sif ${name} mode 0${(type | mode).toString(8)}`, `sif ${name} uid ${uid}`, `sif ${name} gid ${gid}`]
}
