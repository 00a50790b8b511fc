import { parseCredential } from '../../../contract/credential.ts'
import { GUEST } from '../../../contract/paths.ts'
import { REBUILD, type Check, type Finding, type Level } from '../finding.ts'

/** What a guest enrols with. */
export const token: Check = {
  id: 'D3',
  looksFor: 'a bootstrap token that opens nothing',
  async find({ agent, guestConfig, facts: { tokenState } }) {
    if (agent !== 'ours') return []
    if (!guestConfig) return [finding('guest-config-unreadable', 'error', `${GUEST.config}, which tells the daemon where its host is, is missing or no JSON`)]
    const { token: text } = guestConfig
    if (text === undefined || text === '') return [{ ...finding('token-absent', 'note', `${GUEST.config} holds no bootstrap token: the cloud has to bring one with the instance`), mend: 'nothing, when the config drive or metadata brings one; else trovestrap image build without --token-file none' }]
    const credential = parseCredential(text)
    if (credential?.kind !== 'bootstrap') return [finding('token-malformed', 'error', `the token in ${GUEST.config} has not the form of a bootstrap token (id.secret)`)]
    switch (await tokenState?.(credential.id)) {
      case 'expired':
        return [finding('token-expired', 'error', `the bootstrap token ${credential.id} in ${GUEST.config} has expired: no guest can enrol with it`)]
      case 'revoked':
        return [finding('token-revoked', 'error', `the bootstrap token ${credential.id} in ${GUEST.config} was revoked: no guest can enrol with it`)]
      case 'unknown':
        return [finding('token-unknown', 'warning', `the bootstrap token ${credential.id} in ${GUEST.config} is not one of this host's: guests cannot enrol here`)]
      default:
        return []
    }
  },
}

function finding(code: string, level: Level, what: string): Finding {
  return { id: 'D3', code, level, what, mend: `${REBUILD}, which puts a fresh token in`, path: GUEST.config }
}
