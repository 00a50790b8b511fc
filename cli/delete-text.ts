import { printable } from '../diagnosis/printable.ts'
import type { Found, LeftOver } from '../instances/left-over/left-over.ts'
import type { Deleted, DeleteOptions } from './delete.ts'

interface Who {
  readonly id: string
  readonly name?: string | null | undefined
  readonly status?: string | null | undefined
}

/** What would be done. @param places where is looked for what is left */
export function planText(instance: Who, gone: boolean, { force, keepRecords, removeLeftOver }: DeleteOptions, places: readonly string[], found: Found): string {
  if (gone) return `${named(instance)} is gone already.\n${leftText(found)}${unseenText(found)}Nothing was removed: --plan.\n`
  const lines = [
    `${named(instance)}, ${instance.status ?? 'without a status'}:`,
    ...(force ? ['  Trove forgets what it is doing with it (reset_status)'] : []),
    '  Trove deletes it, with its server, ports, security group and volume',
    ...(keepRecords ? [] : ["  host-server's record of it and its credential are forgotten"]),
    `  what is left is looked for in ${places.join(', ')}, and ${removeLeftOver ? 'removed' : 'named'}`,
    'Nothing was deleted: --plan.',
  ]
  return lines.map((line) => `${printable(line)}\n`).join('')
}

export function leftText({ left }: Found): string {
  return left.length === 0 ? 'Nothing of it is left.\n' : `Left behind:\n${left.map(leftLine).join('')}`
}

/** What a run has done. */
export function deletedText(run: Deleted): string {
  const { instance, gone, deleted, forgotten, left, removed, stay } = run
  const open = left.filter((one) => !removed.includes(one) && !stay.some((other) => other.left === one))
  return [
    `${printable(deleted ? (instance.name ?? instance.id) : named(instance))} ${deleted ? 'is deleted' : gone === 'maybe' ? "is not this project's: it is gone, or another project's" : 'was gone already'}${forgotten ? "; host-server has forgotten it and its credential" : ''}.\n`,
    ...removed.map(({ what }) => `  removed: ${printable(what)}\n`),
    ...stay.map(({ left: one, why }) => `  stays: ${printable(one.what)}: ${printable(why)}\n           ${one.command}\n`),
    ...(open.length === 0 ? (left.length === 0 ? ['Nothing of it is left.\n'] : []) : [leftText({ left: open, unseen: [] }), `  trovestrap delete ${instance.id} --remove-left-over      removes it\n`]),
    unseenText(run),
  ].join('')
}

function unseenText({ unseen }: Found): string {
  return unseen.map((why) => `not looked: ${printable(why)}\n`).join('')
}

function leftLine({ what, command }: LeftOver): string {
  return `  ${printable(what)}\n      ${printable(command)}\n`
}

function named({ id, name }: Who): string {
  return name == null ? id : `${name} (${id})`
}
