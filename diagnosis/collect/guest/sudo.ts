import type { GuestSeen } from '../../evidence.ts'
import type { Sections } from './sections.ts'

/** Whether sudo let us be root, and how long that took: from the guest's own clock, before sudo and in the script it ran. */
export function sudoOf(sections: Sections, stderr: string, waited: number): NonNullable<GuestSeen['sudo']> {
  const words = stderr.trim().slice(0, 500)
  const said = words === '' ? {} : { said: words }
  const before = Number(sections.get('')?.trim().split('\n')[0])
  const [, who, after] = /^(root|user) ([\d.]+)/.exec(sections.get('who') ?? '') ?? []
  if (who === undefined) return { ok: false, seconds: waited, ...(words === '' ? { said: `sudo has not ended within ${waited} s` } : said) }
  const seconds = Math.max(0, Math.round((Number(after) - before) * 100) / 100)
  return { ok: who === 'root', seconds: Number.isFinite(seconds) ? seconds : waited, ...said }
}

/** Reads `words…` and `status N USER`: one command of the agent's list, run as the agent through sudo. */
export function agentSudoOf(text: string | undefined): GuestSeen['agent_sudo'] {
  const [, words, status] = /^([\s\S]*?)^status (\d{1,3})/m.exec(text ?? '') ?? []
  if (status === undefined) return undefined
  if (status === '0') return { ok: true }
  return { ok: false, said: status === '124' ? 'no answer within 3 s' : words!.trim().slice(0, 500) || `exit status ${status}` }
}
