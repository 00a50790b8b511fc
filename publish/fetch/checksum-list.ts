/** What a file's content has to be, and who says so. */
export interface Expected {
  readonly algorithm: 'sha256' | 'sha512'
  /** Lower case. */
  readonly hex: string
  /** For messages: the option, or the list's address. */
  readonly by: string
}

/**
 * Names of the lists that lie beside images, strongest first: Debian's and Ubuntu's, CentOS', and those of single files.
 * @param file the image's name
 */
export function listsBeside(file: string): string[] {
  return ['SHA512SUMS', 'SHA256SUMS', 'CHECKSUM', `${file}.SHA256SUM`, `${file}.sha512`, `${file}.sha256`, 'sha256sum.txt']
}

/** Fedora's lists have a name with a version in it: they are found in the folder's index. */
export function listsInIndex(html: string): string[] {
  const names = [...html.matchAll(/href="(?:\.\/)?([^"/?#]+(?:-CHECKSUM|SHA(?:256|512)SUMS))"/g)].map(([, name]) => name!)
  return [...new Set(names)].slice(0, 3)
}

/**
 * The digest of one file in a list: `HEX  NAME` and `HEX *NAME` of coreutils, `SHA256 (NAME) = HEX` of BSD and Fedora, or a digest alone.
 * What else stands there, such as a signature, is passed over.
 */
export function digestIn(list: string, file: string): Pick<Expected, 'algorithm' | 'hex'> | undefined {
  const found = list.split(/\r?\n/).flatMap((line) => {
    const bsd = /^SHA(?:256|512) ?\((.+)\) ?= ?([0-9a-f]+)$/i.exec(line)
    const plain = /^([0-9a-f]+)[ \t]+[*]?(.+)$/i.exec(line)
    const [name, hex] = bsd ? [bsd[1]!, bsd[2]!] : plain ? [plain[2]!, plain[1]!] : ['', '']
    return name.trim().split('/').at(-1) === file ? [hex] : []
  })
  const alone = /^\s*([0-9a-f]{64,128})\s*$/i.exec(list)?.[1]
  const all = [...found, ...(alone === undefined ? [] : [alone])].map((hex) => hex.toLowerCase())
  const hex = all.find(({ length }) => length === 128) ?? all.find(({ length }) => length === 64)
  return hex === undefined ? undefined : { algorithm: hex.length === 128 ? 'sha512' : 'sha256', hex }
}
