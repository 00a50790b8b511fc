import type { Cause } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { agentSaid } from './agent-said.ts'
import { setForGuests } from './edit-guest-config.ts'
import { unclearEnd } from './unclear-end.ts'

const TAKEN = /Failed to add (?:user|group) (?:.*(?:not unique|already (?:exists|in use)|invalid (?:user|group)|(?:UID|GID|group) '?\d+))|(?:user|group)add: (?:UID|GID) '?(\d+)'? (?:is not unique|already exists)/
/** Trove's own default. */
const USUAL = 1001

export const databaseUser: Cause = {
  id: 'H3',
  name: 'database-uid-taken',
  title: 'the uid, gid or name that the database is to run as is taken in the image',
  phase: 'start-agent',
  shows: 'the agent ends with "Failed to add user database, error: useradd: UID 1001 is not unique"',
  needs: ['guest', 'console', 'record'],
  symptomOf: ['H4'],
  mend: 'another database_service_uid for guests, or free 1001 in the image',
  find(facts) {
    const proof = agentSaid(facts, TAKEN)
    if (proof === undefined) return unclearEnd(facts, 'the uid of the database may be taken')
    const uid = Number(facts.option('DEFAULT', 'database_service_uid')?.value ?? USUAL)
    const owner = facts.evidence.guest?.accounts.find((account) => account.uid === uid)
    return {
      what: `uid ${uid} is taken in the image${owner === undefined ? '' : ` by ${owner.name}`}, and the database is to have it`,
      proof: [proof, ...(owner === undefined ? [] : [{ source: 'guest' as const, where: 'guest, /etc/passwd', text: `${owner.name} ${owner.uid}` }])],
      mend: [...setForGuests(facts, 'DEFAULT', 'database_service_uid', String(freeUid(facts, uid))), { on: 'image', say: `or free ${uid} in the image` }],
    }
  },
}

/** Far from where distributions give out their own. */
function freeUid({ evidence }: Facts, taken: number): number {
  const used = new Set(evidence.guest?.accounts.map(({ uid }) => uid) ?? [])
  let uid = 10_001
  while (used.has(uid) || uid === taken) uid += 1
  return uid
}
