import { shortRevision } from '../../contract/manifest.ts'
import { UNITS } from '../../contract/paths.ts'
import type { Cause, Step } from '../cause.ts'
import type { Facts, Said } from '../facts.ts'
import { byFault, saidProof } from './daemon-fault.ts'
import { hostCommand, RESTART_HOST } from './host-command.ts'

/** D7 */
export const contentDamaged: Cause = {
  id: 'D7',
  name: 'content-damaged',
  title: 'what the guest fetched is truncated, damaged, not signed by this host, or older than what it had',
  phase: 'fetch',
  shows: 'CONTENT_DIFFERS, SIGNATURE_INVALID, MANIFEST_INVALID, MANIFEST_OLDER',
  needs: ['console', 'record', 'guest'],
  mend: 'systemctl restart trovestrap-host: it makes its packs anew',
  find: byFault(['CONTENT_DIFFERS', 'SIGNATURE_INVALID', 'MANIFEST_INVALID', 'MANIFEST_OLDER', 'HOST_ANSWER_INVALID'], (said, facts) => {
    // At any other stage an answer of another form means that somebody else answers.
    if (said.code === 'HOST_ANSWER_INVALID' && said.stage !== 'fetch') return undefined
    // Packs are made and manifests signed anew at every start; a guest asks again by itself.
    return { what: what(said), proof: [saidProof(said)], mend: [...(said.code === 'MANIFEST_OLDER' ? [newKey(facts)] : []), RESTART_HOST] }
  }),
}

function what({ code, message = '', details }: Said): string {
  if (code === 'SIGNATURE_INVALID') return 'what host-server sends is not signed with a key that it named when this guest asked it just now'
  if (code === 'MANIFEST_OLDER') return `host-server sends a manifest with serial ${details['serial']}, and this guest has had ${details['accepted']} from it already: its state was restored from a backup, or somebody replays an old one`
  return `what the guest fetched is damaged or not whole: ${message.split(': ').slice(1).join(': ').slice(0, 200) || code}`
}

/** With another key guests count from the beginning. */
function newKey(facts: Facts): Step {
  return { on: 'host', run: hostCommand(facts, 'init --new-signing-key'), say: 'if its state came from a backup: guests learn the key by themselves and count its manifests anew' }
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
