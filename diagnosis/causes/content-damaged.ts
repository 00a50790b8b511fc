import { shortRevision } from '../../contract/manifest.ts'
import { UNITS } from '../../contract/paths.ts'
import type { Cause } from '../cause.ts'
import { byFault, saidProof } from './daemon-fault.ts'
import { hostCommand, RESTART_HOST } from './host-command.ts'

/** D7 */
export const contentDamaged: Cause = {
  id: 'D7',
  name: 'content-damaged',
  title: 'what the guest fetched is truncated, damaged, or not signed by this host',
  phase: 'fetch',
  shows: 'CONTENT_DIFFERS, SIGNATURE_INVALID, MANIFEST_INVALID',
  needs: ['console', 'record', 'guest'],
  mend: 'systemctl restart trovestrap-host: it makes its packs anew',
  find: byFault(['CONTENT_DIFFERS', 'SIGNATURE_INVALID', 'MANIFEST_INVALID', 'HOST_ANSWER_INVALID'], (said, facts) => {
    // At any other stage an answer of another form means that somebody else answers.
    if (said.code === 'HOST_ANSWER_INVALID' && said.stage !== 'fetch') return undefined
    const signature = said.code === 'SIGNATURE_INVALID'
    return {
      what: signature ? 'what host-server sends is not signed with the key that this guest learned when it enrolled' : `what the guest fetched is damaged or not whole: ${(said.message ?? '').split(': ').slice(1).join(': ').slice(0, 200) || said.code}`,
      proof: [saidProof(said)],
      // A pack is made from the source at every start; a guest asks again by itself.
      mend: signature ? [{ on: 'host', run: hostCommand(facts, `forget ${facts.evidence.instance}`), say: 'the guest then enrols again and learns the key of today' }, RESTART_HOST] : [RESTART_HOST],
    }
  }),
}

/** D12 */
export const staleCode: Cause = {
  id: 'D12',
  name: 'stale-code',
  title: 'the guest runs an older revision of the code than the host serves',
  phase: 'fetch',
  shows: "a change on the host seems to have no effect; `trovestrap status` shows another revision",
  needs: ['record'],
  mend: `systemctl restart ${UNITS.guest} in the guest; without our daemon: rm ~/trove-installed, and restart guest-agent`,
  find(facts) {
    const { view } = facts.evidence.record ?? {}
    const runs = view?.latest?.revision
    const served = view?.served_revision
    // While it is on its way it has not looked yet.
    if (!view || view.latest?.stage !== 'ready' || view.latest.state === 'failed' || runs === undefined || served === undefined || runs === served) return undefined
    return {
      what: `the guest runs revision ${shortRevision(runs)}, the host serves ${shortRevision(served)}`,
      proof: [{ source: 'record', where: "host-server's record", at: view.last_seen, text: `revision ${shortRevision(runs)}, served ${shortRevision(served)}` }],
      mend: [{ on: 'guest', run: `sudo systemctl restart ${UNITS.guest}`, say: 'a guest looks for a new revision when its daemon starts' }],
    }
  },
}
