/** What bash takes as one piece: a line, lines joined by a backslash or an open quote, or a compound such as `if … fi`. */
export interface Statement {
  readonly lines: readonly string[]
  /** Of more than one command, so that its parts mean nothing by themselves. */
  readonly compound: boolean
}

const BEGINS = /^\s*(?:if|for|while|until|case|function)\b|^\s*[\w-]+\s*\(\)|^\s*\{|^\s*\(\(?/
const HERE_DOCUMENT = /(?<!<)<<-?\s*['"]?(\w+)/
const COMMENT = /^\s*(?:#|$)/
const OPENS = /(?:^|[;|&({]\s*|\bthen\s+|\bdo\s+|\belse\s+)\s*(?:if|for|while|until|case)\b|\{\s*$/g
const CLOSES = /(?:^|;\s*)\s*(?:fi|done|esac|\})(?=\s|;|$)/g

/**
 * Divides the lines of a localrc, which bash reads, without running any of it. What is not closed by the end counts as one compound.
 */
export function statementsOf(lines: readonly string[]): Statement[] {
  const statements: Statement[] = []
  for (let at = 0; at < lines.length; ) {
    const length = lengthOf(lines, at)
    const taken = lines.slice(at, at + length)
    statements.push({ lines: taken, compound: !COMMENT.test(taken[0]!) && (BEGINS.test(taken[0]!) || HERE_DOCUMENT.test(taken[0]!)) })
    at += length
  }
  return statements
}

function lengthOf(lines: readonly string[], at: number): number {
  const first = lines[at]!
  const rest = lines.slice(at)
  if (COMMENT.test(first)) return 1
  const [, word] = HERE_DOCUMENT.exec(first) ?? []
  if (word !== undefined) return upTo(rest, rest.findIndex((line, index) => index > 0 && line.trim() === word))
  if (BEGINS.test(first)) return upTo(rest, endOfCompound(rest))
  return upTo(rest, rest.findIndex((_line, index) => isWhole(rest.slice(0, index + 1).join('\n'))))
}

function upTo(lines: readonly string[], last: number): number {
  return last < 0 ? lines.length : last + 1
}

/** A function's name may stand alone, with its brace on the next line. */
function endOfCompound(lines: readonly string[]): number {
  let depth = 0
  let opened = false
  return lines.findIndex((line) => {
    const code = line.replace(/(^|\s)#.*$/, '')
    const opens = code.match(OPENS)?.length ?? 0
    depth += opens - (code.match(CLOSES)?.length ?? 0)
    opened ||= opens > 0
    return opened && depth <= 0
  })
}

/** No quote is open at its end, and no backslash joins it to what follows. */
function isWhole(text: string): boolean {
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!
    if (sign === '\\' && quote !== "'") {
      if (at === text.length - 1) return false
      at++
    } else if (quote === '') {
      if (sign === '#' && /(^|\s)$/.test(text.slice(0, at))) return true
      if (sign === '"' || sign === "'") quote = sign
    } else if (sign === quote) quote = ''
  }
  return quote === ''
}
