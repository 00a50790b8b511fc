/** Lines between two marks are written by us, and written anew; all others are somebody's own. */
export interface Block {
  readonly name: string
  readonly lines: readonly string[]
}

const begin = (name: string): string => `# >>> ${name}`
const end = (name: string): string => `# <<< ${name}`

/** @returns undefined where there is no such block, or not its end */
export function blockIn(text: string, name: string): string[] | undefined {
  const lines = text.split('\n')
  const from = lines.findIndex((line) => isMark(line, begin(name)))
  const to = lines.findIndex((line, at) => at > from && isMark(line, end(name)))
  return from < 0 || to < 0 ? undefined : lines.slice(from + 1, to)
}

/** @param hint for people, behind the mark */
export function blockText({ name, lines }: Block, hint = ''): string {
  return [begin(name) + (hint === '' ? '' : `: ${hint}`), ...lines, end(name), ''].join('\n')
}

/** Puts a block in the place of the one with its name, which is there. */
export function replaceBlock(text: string, block: Block, hint = ''): string {
  const lines = text.split('\n')
  const from = lines.findIndex((line) => isMark(line, begin(block.name)))
  const to = lines.findIndex((line, at) => at > from && isMark(line, end(block.name)))
  return [...lines.slice(0, from), ...blockText(block, hint).trimEnd().split('\n'), ...lines.slice(to + 1)].join('\n')
}

function isMark(line: string, mark: string): boolean {
  return line === mark || line.startsWith(`${mark}: `)
}
