import type { Store, TokenRecord } from '../store/store.ts'

/** What a new instance says of itself, and which token it brings. */
export interface Applicant {
  readonly instance: string
  /** Hex SHA-256 of its secret. */
  readonly key: string
  readonly address: string
  readonly token: TokenRecord
}

/** `why` is for people, in one line: it goes to the guest, its console and the operator. */
export type Decision =
  | { readonly admitted: true; readonly because: string }
  | { readonly admitted: false; readonly code: 'APPROVAL_PENDING' | 'ATTESTATION_REFUSED' | 'ATTESTATION_UNDECIDED'; readonly why: string }

/** OpenStack's word on an instance; see attestation/. */
export interface Attests {
  attest(
    claim: { readonly instance: string; readonly address: string; readonly image?: string },
    signal: AbortSignal,
  ): Promise<{ readonly verdict: 'attested'; readonly server: string } | { readonly verdict: 'refused' | 'undecided'; readonly why: string }>
}

export interface AdmissionParts {
  readonly approvals: Store['approvals']
  /** Absent: nobody attests, and the operator decides. */
  readonly attestor: Attests | undefined
}

const PATIENCE_MS = 10_000

/**
 * Whether an instance that nobody knows yet may enrol. A valid token alone is not enough, because it lies in every guest of an image:
 * OpenStack attests what the instance says, or the operator does, for one instance or, explicitly, for all of a while.
 */
export async function admit({ instance, key, address, token }: Applicant, { approvals, attestor }: AdmissionParts, now: Date): Promise<Decision> {
  if (approvals.approved(instance, key, now)) return { admitted: true, because: 'approved by the operator' }
  if (attestor) {
    const claim = { instance, address, ...(token.image === undefined ? {} : { image: token.image }) }
    const said = await attestor.attest(claim, AbortSignal.timeout(PATIENCE_MS))
    if (said.verdict === 'attested') return { admitted: true, because: `attested by OpenStack, server ${said.server}` }
    return { admitted: false, code: said.verdict === 'refused' ? 'ATTESTATION_REFUSED' : 'ATTESTATION_UNDECIDED', why: said.why }
  }
  if (token.image !== undefined) {
    return { admitted: false, code: 'APPROVAL_PENDING', why: `its token is for image ${token.image} alone, and nobody attests the image; on the host: trovestrap approve ${instance}` }
  }
  const until = approvals.openUntil(now)
  if (until !== undefined) return { admitted: true, because: `enrolment open until ${until}` }
  return { admitted: false, code: 'APPROVAL_PENDING', why: `on the host: trovestrap approve ${instance}` }
}
