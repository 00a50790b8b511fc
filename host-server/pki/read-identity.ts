import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { SigningKey } from '../../contract/envelope.ts'
import { parseCredential } from '../../contract/credential.ts'
import { explainAccess } from '../settings/explain-access.ts'
import { SetupError } from '../setup-error.ts'
import type { StateFolder } from '../state-folder.ts'
import { isReplacing } from './replace-together.ts'
import { publicSigningKey } from './signing-key.ts'

/** Who this host is, as `serve` needs it. */
export interface Identity {
  /** PEM with key and certificate; Node's tls picks what it needs out of it. */
  readonly server: string
  readonly certificate: X509Certificate
  readonly signer: { readonly pem: string; readonly id: string }
  readonly signingKeys: readonly SigningKey[]
  /** Hex SHA-256 of the operator token's secret. */
  readonly operator: string
}

/** @throws SetupError one line, ending in what to type, when something is missing, unreadable, damaged or expired */
export function readIdentity(state: StateFolder, now: Date): Identity {
  for (const path of [state.server, state.signingKey, state.operatorToken, state.database]) {
    if (!existsSync(path)) throw new SetupError(`${state.root} is not initialised (${path} is missing); type: trovestrap init`)
  }
  if (isReplacing(state.pki)) throw new SetupError('a change of the CA was interrupted; type: trovestrap init')
  const server = read(state.server)
  const certificate = parse(state.server, 'trovestrap init --renew', () => {
    const certificate = new X509Certificate(server)
    if (!certificate.checkPrivateKey(createPrivateKey(server))) throw new Error('its key is not that of its certificate')
    return certificate
  })
  if (certificate.validToDate <= now) {
    throw new SetupError(`the server certificate expired on ${certificate.validToDate.toISOString().slice(0, 10)}; type: trovestrap init --renew`)
  }
  const pem = read(state.signingKey)
  const key = parse(state.signingKey, 'trovestrap init --new-signing-key', () => publicSigningKey(pem))
  return {
    server,
    certificate,
    signer: { pem, id: key.id },
    signingKeys: [key],
    operator: operatorDigest(state.operatorToken),
  }
}

function operatorDigest(path: string): string {
  const credential = parseCredential(read(path).trim())
  if (credential?.kind !== 'operator') throw new SetupError(`${path} holds no operator token; type: trovestrap init --new-operator-token`)
  return credential.secret.sha256()
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new SetupError(explainAccess(path, error), { cause: error })
  }
}

function parse<T>(path: string, remedy: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new SetupError(`${path} is damaged (${(error as Error).message}); type: ${remedy}`, { cause: error })
  }
}
