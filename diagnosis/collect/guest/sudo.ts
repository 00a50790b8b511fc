import type { GuestSeen } from '../../evidence.ts'
import type { Sections } from './sections.ts'

/** Seconds after which a sudo that has said nothing counts as one that hangs, in a guest that answers otherwise. */
const HANGS = 3

/**
 * Whether sudo let us be root, and how long that took: from the guest's own clock, before sudo and in the script it ran.
 * @param ended whether it has come to an end @param answers whether the guest has answered all else in the `waited` seconds
 * @returns undefined where nothing is known: a guest that is slow in everything says nothing about sudo
 */
export function sudoOf(sections: Sections, stderr: string, { ended, answers, waited }: { ended: boolean; answers: boolean; waited: number }): GuestSeen['sudo'] {
  const words = stderr.trim().slice(0, 500)
  const said = words === '' ? {} : { said: words }
  const before = Number(sections.get('')?.trim().split('\n')[0])
  const [, who, after] = /^(root|user) ([\d.]+)/.exec(sections.get('who') ?? '') ?? []
  if (who === undefined && ended) return { ok: false, seconds: waited, ...said }
  if (who === undefined) return answers && waited >= HANGS ? { ok: false, seconds: waited, said: words || `sudo has not ended within ${waited} s` } : undefined
  const seconds = Math.max(0, Math.round((Number(after) - before) * 100) / 100)
  return { ok: who === 'root', seconds: Number.isFinite(seconds) ? seconds : waited, ...said }
}

/** Reads `words…` and `status N USER`: one command of the agent's list, run as the agent through sudo. */
export function agentSudoOf(text: string | undefined): GuestSeen['agent_sudo'] {
  const end = /^status (\d{1,3})/m.exec(text ?? '')
  if (end === null) return undefined
  const status = end[1]!
  if (status === '0') return { ok: true }
  return { ok: false, said: status === '124' ? 'no answer within 3 s' : text!.slice(0, end.index).trim().slice(0, 500) || `exit status ${status}` }
}
