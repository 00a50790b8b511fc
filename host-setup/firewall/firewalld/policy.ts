import type { Step } from '../../command.ts'

/** A policy of firewalld (firewalld.policy(5)), so far as ours have one. */
export interface Policy {
  readonly ingress: readonly string[]
  readonly egress: readonly string[]
  readonly rules: readonly string[]
}

const NONE: Policy = { ingress: [], egress: [], rules: [] }

/** @param info what `firewall-cmd --permanent --info-policy` prints */
export function readPolicy(info: string): Policy {
  const words = (key: string): string[] => new RegExp(`^  ${key}:(.*)$`, 'm').exec(info)?.[1]?.split(' ').filter((word) => word !== '') ?? []
  return { ingress: words('ingress-zones'), egress: words('egress-zones'), rules: info.split('\n').flatMap((line) => /^\t(rule .*)$/.exec(line)?.[1] ?? []).sort() }
}

/** What is typed until a policy is as it should be. @param there undefined where there is none @param wanted undefined where there should be none */
export function policySteps(name: string, there: Policy | undefined, wanted: Policy | undefined): Step[] {
  const before = there ?? NONE
  const after = wanted ?? NONE
  const make = step(['--new-policy', name], ['--delete-policy', name])
  const changes = [
    ...change(name, '--add-ingress-zone', '--remove-ingress-zone', before.ingress, after.ingress),
    ...change(name, '--add-egress-zone', '--remove-egress-zone', before.egress, after.egress),
    ...change(name, '--add-rich-rule', '--remove-rich-rule', before.rules, after.rules),
  ]
  return [...(there === undefined && wanted !== undefined ? [make] : []), ...changes, ...(there !== undefined && wanted === undefined ? [reverse(make)] : [])]
}

/** One command for all that is added, one for all that goes. */
function change(name: string, add: string, remove: string, before: readonly string[], after: readonly string[]): Step[] {
  const policy = ['--policy', name]
  const by = (option: string, values: readonly string[]): string[] => [...policy, ...values.map((value) => `${option}=${value}`)]
  const gone = before.filter((one) => !after.includes(one))
  const added = after.filter((one) => !before.includes(one))
  return [...(gone.length > 0 ? [step(by(remove, gone), by(add, gone))] : []), ...(added.length > 0 ? [step(by(add, added), by(remove, added))] : [])]
}

function step(args: readonly string[], undo: readonly string[]): Step & Required<Pick<Step, 'undo'>> {
  return { ...permanent(args), undo: permanent(undo) }
}

function reverse({ undo, ...command }: Step & Required<Pick<Step, 'undo'>>): Step {
  return { ...undo, undo: command }
}

function permanent(args: readonly string[]): { program: string; args: readonly string[] } {
  return { program: 'firewall-cmd', args: ['--permanent', ...args] }
}
