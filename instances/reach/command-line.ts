/**
 * What is sent to the guest's login shell. One word is a command line and is sent as it is; several are a program and its words, which it gets as they
 * were typed, whatever signs they have.
 */
export function commandLine(words: readonly string[]): string {
  return words.length === 1 ? words[0]! : words.map(quoted).join(' ')
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
