import type { Command } from '../../command.ts'
import type { RuleWords } from './obstacles.ts'
import type { Chain, Table } from './ruleset.ts'

/** The command that has another's chain let something through, in the words of whoever keeps that chain. */
export function letThrough(table: Table, chain: Chain, wanted: RuleWords): Command {
  const has = (name: string): boolean => table.chains.some((one) => one.name === name)
  if (table.family !== 'ip' || table.name !== 'filter' || !/^[A-Z]+$/.test(chain.name)) return { program: 'nft', args: ['insert', 'rule', table.family, table.name, chain.name, ...nftWords(wanted)] }
  if (has('ufw-before-forward') && wanted.established === undefined) return { program: 'ufw', args: ufwWords(wanted) }
  // Docker rewrites FORWARD and leaves this chain to the operator.
  return { program: 'iptables', args: ['-I', wanted.hook === 'forward' && has('DOCKER-USER') ? 'DOCKER-USER' : chain.name, ...iptablesWords(wanted)] }
}

function nftWords({ source, destination, in: from, out, ports, established }: RuleWords): string[] {
  return [
    ...(from === undefined ? [] : ['iifname', from]),
    ...(out === undefined ? [] : ['oifname', out]),
    ...(source === undefined ? [] : ['ip', 'saddr', source]),
    ...(destination === undefined ? [] : ['ip', 'daddr', destination]),
    ...(ports === undefined ? [] : ['tcp', 'dport', `{ ${ports.join(', ')} }`]),
    ...(established ? ['ct', 'state', 'established,related'] : []),
    'accept',
  ]
}

function iptablesWords({ source, destination, in: from, out, ports, established }: RuleWords): string[] {
  return [
    ...(from === undefined ? [] : ['-i', from]),
    ...(out === undefined ? [] : ['-o', out]),
    ...(source === undefined ? [] : ['-s', source]),
    ...(destination === undefined ? [] : ['-d', destination]),
    ...(ports === undefined ? [] : ['-p', 'tcp', '-m', 'multiport', '--dports', ports.join(',')]),
    ...(established ? ['-m', 'conntrack', '--ctstate', 'ESTABLISHED,RELATED'] : []),
    '-j',
    'ACCEPT',
  ]
}

/** Answers are let through by ufw itself. */
function ufwWords({ hook, source, destination, in: from, out, ports }: RuleWords): string[] {
  return [
    ...(hook === 'forward' ? ['route'] : []),
    'allow',
    ...(from === undefined ? [] : ['in', 'on', from]),
    ...(out === undefined ? [] : ['out', 'on', out]),
    ...(ports === undefined ? [] : ['proto', 'tcp']),
    'from',
    source ?? 'any',
    'to',
    destination ?? 'any',
    ...(ports === undefined ? [] : ['port', ports.join(',')]),
  ]
}
