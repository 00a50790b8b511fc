import type { SigningKey } from '../contract/envelope.ts'
import type { Attests } from './admission/admission.ts'
import type { Followers } from './follow/followers.ts'
import type { Offer } from './offer/offer.ts'
import type { Store } from './store/store.ts'
import type { Transfers } from './transfers.ts'

/** Everything the app is made of; comes in as an argument, so that a test puts in what it likes. */
export interface Parts {
  readonly store: Store
  /** What is handed out now; asked anew at each request, because a reload changes it. */
  readonly offer: () => Offer
  /** Guests that hold a question open until the tree changes; absent where host-server does not follow its tree. */
  readonly followers?: Followers
  /** How much is sent at once; as transfers.ts has it unless given. */
  readonly transfers?: Transfers
  /** Reads all that is handed out again. */
  readonly reread?: () => Promise<void>
  /** Whose signature on manifests counts; enrolled guests learn them. Asked anew, as all that a reload changes. */
  readonly signingKeys: () => readonly SigningKey[]
  /** Hex SHA-256 of the operator token's secret. */
  readonly operator: () => string
  /** Asks OpenStack whether a new instance is what it says; absent where no cloud is configured. */
  readonly attestor?: Attests
  /** Seconds a credential opens doors after enrolment. */
  readonly credentialLifetime: () => number
  readonly clock: () => Date
  /** Of Trovestrap itself. */
  readonly version: string
}
