import type { Step } from '../../command.ts'
import type { Backend } from '../backend.ts'
import type { Wish } from '../wish.ts'

/** On each rule of ours; nothing else tells them from others. */
const COMMENT = /\scomment 'trovestrap'$/

/** Rules of ours among ufw's. ufw keeps them itself, also over a reboot. */
export const ufw: Backend = {
  name: 'ufw',
  table: 'masquerade',
  keeps: { family: 'ip', name: 'filter' },
  isActive: (run) => run({ program: 'ufw', args: ['status'] }).then((said) => /^Status: active$/m.test(said), () => false),
  async steps(wish, run) {
    const there = ownRules(await run({ program: 'ufw', args: ['show', 'added'] }))
    const wanted = wish === undefined ? [] : rulesFor(wish)
    const isSame = (one: readonly string[], other: readonly string[]): boolean => one.join(' ') === other.join(' ')
    return [...there.filter((rule) => !wanted.some((other) => isSame(rule, other))).map(deletion), ...wanted.filter((rule) => !there.some((other) => isSame(rule, other))).map(addition)]
  },
}

/** In the order of words in which `ufw show added` prints them, so that they are known again. */
function rulesFor({ guests, outbound, ports }: Wish): string[][] {
  return guests.flatMap((network) => [
    ['allow', 'from', network, 'to', 'any', 'port', ports.join(','), 'proto', 'tcp', ...OURS],
    ['route', 'allow', 'out', 'on', outbound, 'from', network, ...OURS],
  ])
}

const OURS = ['comment', 'trovestrap']

/** @param added what `ufw show added` prints */
export function ownRules(added: string): string[][] {
  return added.split('\n').filter((line) => line.startsWith('ufw ') && COMMENT.test(line)).map((line) => line.slice('ufw '.length).replace(COMMENT, ' comment trovestrap').split(' '))
}

function addition(rule: readonly string[]): Step {
  return { program: 'ufw', args: rule, undo: { program: 'ufw', args: deleted(rule) } }
}

function deletion(rule: readonly string[]): Step {
  return { program: 'ufw', args: deleted(rule), undo: { program: 'ufw', args: rule } }
}

/** `ufw delete allow …`, `ufw route delete allow …`. */
function deleted(rule: readonly string[]): string[] {
  return rule[0] === 'route' ? ['route', 'delete', ...rule.slice(1)] : ['delete', ...rule]
}
