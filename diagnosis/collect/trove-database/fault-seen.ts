import { present } from '../../../openstack/present.ts'
import type { TroveSeen } from '../../evidence.ts'
import { utc } from './utc.ts'

/** Characters of evidence; what decides stands at the end of a traceback. */
const LONGEST = 2000

export function faultSeen(message: string, details: string | null | undefined, created: unknown): NonNullable<TroveSeen['fault']> {
  return present({ message: message.slice(0, LONGEST), details: details?.slice(-LONGEST) || undefined, created: utc(created) })
}
