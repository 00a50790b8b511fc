/** Neutron's fields are not longer. */
const LONGEST = 255

const BEFORE = ', before: '

/** The description by which all that expose makes is known again. */
export function mark(instance: string): string {
  return `trovestrap ${instance}`
}

/** Of an address that was there before: it gets its own words back. */
export function markOver(instance: string, before: string): string {
  return `${mark(instance)}${BEFORE}${before}`.slice(0, LONGEST)
}

/** What the description was before; undefined where the address is of our making, or not marked for this instance. */
export function markedBefore(instance: string, description: string): string | undefined {
  const start = `${mark(instance)}${BEFORE}`
  return description.startsWith(start) ? description.slice(start.length) : undefined
}
