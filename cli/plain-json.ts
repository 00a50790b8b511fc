/** Characters that JSON leaves as they are and a terminal acts upon: C1 controls, bidi and other format characters. */
const SPEAKS = /[\u007f-\u009f\u00ad]|[\p{Cf}\p{Zl}\p{Zp}]/gu

/** For programs: the same value to whoever parses it, and silent on a terminal. @param indent 0: one line */
export function plainJson(value: unknown, indent = 2): string {
  const escaped = JSON.stringify(value, null, indent).replace(SPEAKS, (character) => [...Array(character.length).keys()].map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''))
  return `${escaped}\n`
}
