/** Controls, format characters (bidi, zero width), lone surrogates, private use, line and paragraph separators: what speaks to a terminal. */
export const SPEAKS = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu
/** Marks that pile up above and below a line. */
const PILES = /(\p{M}{3})\p{M}+/gu

/** A stranger's text as one line without anything that speaks to a terminal; what was there shows as its number. */
export function printable(text: string): string {
  return text
    .replace(/\t/g, ' ')
    .replace(SPEAKS, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
    .replace(PILES, '$1')
}
