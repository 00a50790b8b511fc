import { printable } from '../../contract/printable.ts'
import { Refusal } from '../refusal.ts'

interface Named {
  readonly id: string
  readonly name?: string | null | undefined
}

const SHOWN = 10

/**
 * The one that has this id, or else this name.
 * @param what as people call it: `flavor`
 * @param all that there are; where they are not known, those that fit
 * @throws Refusal that names those that fit, or that there are
 */
export function theOne<T extends Named>(what: string, words: string, all: readonly T[], namesOf = (one: T): readonly (string | null | undefined)[] => [one.name]): T {
  const ofId = all.find(({ id }) => id === words)
  if (ofId !== undefined) return ofId
  const fitting = all.filter((one) => namesOf(one).includes(words))
  if (fitting.length === 1) return fitting[0]!
  if (fitting.length > 1) throw new Refusal(`${printable(words)} fits ${fitting.length} ${what}s: ${fitting.slice(0, SHOWN).map(({ id, name }) => `${id} (${printable(name ?? '-')})`).join(', ')}.\n  Type the id.`)
  const there = all.slice(0, SHOWN).map(({ id, name }) => printable(name ?? id)).join(', ')
  throw new Refusal(`no ${what} is called ${printable(words)}${all.length === 0 ? '' : `; there are ${there}${all.length > SHOWN ? ' …' : ''}`}.`)
}
