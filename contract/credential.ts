import { Secret } from './secret.ts'

/** What a bearer can be. The form of the text alone tells the kind, so a credential never opens another kind's door. */
export type Credential =
  | { readonly kind: 'bootstrap'; readonly id: string; readonly secret: Secret }
  | { readonly kind: 'instance'; readonly instance: string; readonly secret: Secret }
  | { readonly kind: 'operator'; readonly secret: Secret }

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
/** kubeadm's form of a bootstrap token. */
const BOOTSTRAP = /^([a-z0-9]{6})\.([a-z0-9]{16})$/
const INSTANCE = new RegExp(`^(${UUID})\\.([A-Za-z0-9_-]{43})$`)
const OPERATOR = /^operator\.([A-Za-z0-9_-]{43})$/

/** An instance's id as Trove writes it: a lower-case UUID. */
export const INSTANCE_ID = new RegExp(`^${UUID}$`)

/** @returns undefined when the text has the form of no credential. Never throws, never keeps the text. */
export function parseCredential(text: string): Credential | undefined {
  const bootstrap = BOOTSTRAP.exec(text)
  if (bootstrap) return { kind: 'bootstrap', id: bootstrap[1]!, secret: new Secret(bootstrap[2]!) }
  const instance = INSTANCE.exec(text)
  if (instance) return { kind: 'instance', instance: instance[1]!, secret: new Secret(instance[2]!) }
  const operator = OPERATOR.exec(text)
  if (operator) return { kind: 'operator', secret: new Secret(operator[1]!) }
  return undefined
}

/** The text that `parseCredential` reads back; itself a secret. */
export function formatCredential(credential: Credential): Secret {
  const name = { bootstrap: idOf, instance: idOf, operator: () => 'operator' }[credential.kind](credential)
  return new Secret(`${name}.${credential.secret.reveal()}`)
}

function idOf(credential: Credential): string {
  if (credential.kind === 'bootstrap') return credential.id
  if (credential.kind === 'instance') return credential.instance
  return 'operator'
}
