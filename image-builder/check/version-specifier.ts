/**
 * Whether some micro version of a Python fulfils `python_requires`; an image tells the minor version by its file names, the micro version not.
 * The clauses of PEP 440 with plain release numbers: `>=3.11`, `<4`, `!=3.12.*`, `~=3.10`, `==3.11.2`.
 *
 * @param python `[3, 11]`
 * @returns undefined when a clause is none of these
 */
export function meets(requires: string, python: readonly [number, number]): boolean | undefined {
  const clauses = requires.split(',').map((clause) => clause.trim()).filter((clause) => clause !== '').map(parsed)
  if (clauses.some((clause) => clause === undefined)) return undefined
  return Array.from({ length: 100 }, (_, micro) => [...python, micro]).some((version) => clauses.every((clause) => fulfils(clause!, version)))
}

interface Clause {
  readonly operator: string
  readonly release: readonly number[]
  readonly any: boolean
}

function parsed(clause: string): Clause | undefined {
  const [, operator, release, any] = /^(>=|<=|==|!=|~=|===|>|<)\s*(\d{1,6}(?:\.\d{1,6}){0,4})(\.\*)?$/.exec(clause) ?? []
  if (operator === undefined || (any !== undefined && operator !== '==' && operator !== '!=')) return undefined
  const numbers = release!.split('.').map(Number)
  return operator === '~=' && numbers.length < 2 ? undefined : { operator, release: numbers, any: any !== undefined }
}

function fulfils({ operator, release, any }: Clause, version: readonly number[]): boolean {
  const order = compare(version, release)
  const same = any ? compare(version.slice(0, release.length), release) === 0 : order === 0
  switch (operator) {
    case '>=':
      return order >= 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '<':
      return order < 0
    case '!=':
      return !same
    case '~=':
      return order >= 0 && compare(version.slice(0, release.length - 1), release.slice(0, -1)) === 0
    default:
      return same
  }
}

/** A missing number counts as 0. */
function compare(one: readonly number[], other: readonly number[]): number {
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
