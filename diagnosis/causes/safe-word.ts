const SAFE = /^[A-Za-z0-9_.:@%+\/-]{1,200}$/

/**
 * Text from strangers (a guest's log, a fault's details) as one word of a command; undefined where it is not plainly a name, a path or an
 * address. A word that begins with `-` would be read as an option.
 */
export function safeWord(text: string | undefined): string | undefined {
  return text !== undefined && SAFE.test(text) && !text.startsWith('-') ? text : undefined
}
