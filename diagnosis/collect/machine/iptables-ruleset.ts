import type { Chain, Condition, Rule, Verdict } from './ruleset.ts'

const HOOKS: Readonly<Record<string, string>> = { INPUT: 'input', FORWARD: 'forward', OUTPUT: 'output', PREROUTING: 'prerouting', POSTROUTING: 'postrouting' }
/** Options that only say how the next ones are to be read, or decide nothing. */
const PASSING = ['-m', '--comment', '--log-prefix', '--reject-with', '--to-source', '-c']

/** The chains of `iptables-save`. */
export function fromIptables(text: string): Chain[] {
  const chains: Chain[] = []
  let table = ''
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1).trim()
    const [, name, policy] = /^:(\S+) (\S+)/.exec(line) ?? []
    if (name !== undefined) chains.push({ table, name, rules: [], ...(policy === '-' ? {} : { base: { hook: HOOKS[name] ?? name, type: table, policy: policy === 'DROP' ? 'drop' : 'accept' } }) })
    if (line.startsWith('-A ')) {
      const words = line.match(/"(?:[^"\\]|\\.)*"|\S+/g)!.slice(1)
      chains.find((chain) => chain.table === table && chain.name === words[0])?.rules.push(ruleOf(words.slice(1)))
    }
  }
  return chains
}

function ruleOf(words: readonly string[]): Rule {
  const conditions: Condition[] = []
  let verdict: Verdict = { act: 'none' }
  let protocol = ''
  let not = false
  for (let at = 0; at < words.length; at += 1) {
    const option = words[at]!
    if (option === '!') {
      not = true
      continue
    }
    const value = words[at + 1] ?? ''
    if (option.startsWith('-') && value !== '' && !value.startsWith('-')) at += 1
    if (option === '-p') protocol = value
    if (option === '-j' || option === '-g') verdict = verdictOf(value, option)
    else if (!PASSING.includes(option)) conditions.push({ ...conditionOf(option, value, protocol), not })
    not = false
  }
  return { conditions, verdict }
}

function verdictOf(target: string, option: string): Verdict {
  if (target === 'ACCEPT') return { act: 'accept' }
  if (target === 'DROP' || target === 'REJECT') return { act: 'drop' }
  if (target === 'RETURN') return { act: 'return' }
  if (target === 'MASQUERADE' || target === 'SNAT') return { act: 'masquerade' }
  // Other targets of the kernel's own (LOG, MARK) name no chain, and are walked into in vain.
  return { act: option === '-g' ? 'goto' : 'jump', chain: target }
}

function conditionOf(option: string, value: string, protocol: string): Condition {
  if (option === '-p') return { on: 'protocol', protocols: [value], not: false }
  if (option === '-s') return { on: 'source', networks: value.split(','), not: false }
  if (option === '-i') return { on: 'interface', names: [value], not: false }
  if (option === '--ctstate' || option === '--state') return { on: 'state', states: value.toLowerCase().split(','), not: false }
  if (option === '--dport' || option === '--dports') return { on: 'port', protocol, ranges: value.split(',').map((one) => rangeOf(one)), not: false }
  return { on: 'other', not: false }
}

function rangeOf(text: string): [number, number] {
  const [low, high = low] = text.split(':').map(Number)
  return [low!, high!]
}
