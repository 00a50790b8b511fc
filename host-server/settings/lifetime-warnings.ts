import type { Settings } from '../settings.ts'

/** A running guest looks once a day (trovestrap-renew.timer) and renews in the second half of the life: two looks have to fall into it. */
const LEAST_CREDENTIAL_S = 4 * 86_400

/** Lifetimes that are allowed and will surprise somebody; each ends in what to change. */
export function lifetimeWarnings({ lifetimes }: Pick<Settings, 'lifetimes'>): string[] {
  if (lifetimes.credential >= LEAST_CREDENTIAL_S) return []
  return ['credentials expire before running guests renew them, which they do once a day in the second half of the life; set lifetimes.credential to 4d or more']
}
