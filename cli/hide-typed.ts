import { hideKnown } from '../contract/scrub.ts'

/** Characters from which on a word may be a password. */
const LONG = 10

/**
 * An error without what may be a secret that was typed, or pasted, where something else is expected: errors end in logs of CI and in screenshots.
 * Hidden are credentials of ours, passwords in URLs, and words of the command line that look like a password: upper and lower case and digits,
 * and neither a path nor a file with an extension.
 */
export function hideTyped(text: string, argv: readonly string[]): string {
  const words = argv.flatMap((word) => [word, word.slice(word.indexOf('=') + 1)]).filter(looksLikeSecret)
  return hideKnown(text, words.sort((a, b) => b.length - a.length).map((word) => quotedOf(word, text)))
}

/** As much of the word, from its beginning, as the text has: long ones are cut in messages. */
function quotedOf(word: string, text: string): string {
  for (let length = word.length; length >= LONG; length--) if (text.includes(word.slice(0, length))) return word.slice(0, length)
  return word
}

function looksLikeSecret(word: string): boolean {
  const mixed = /[a-z]/.test(word) && /[A-Z]/.test(word) && /\d/.test(word)
  return mixed && word.length >= LONG && !word.includes('/') && !/\.[a-z][a-z0-9]{1,5}$/.test(word)
}
