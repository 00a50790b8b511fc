import { Fault } from '../../contract/fault.ts'
import { MEMORY, recall, remember } from '../memory.ts'
import type { Files } from '../system.ts'
import type { CheckedManifest } from './check-manifest.ts'

/**
 * A signature says who made a manifest, not when: whoever kept an old one could bring its old code back. So the highest serial is
 * remembered, and a lower one refused. A tree that is older than the one before is welcome all the same where the operator hands it
 * out: the host signs it anew, with a serial of its own.
 *
 * Numbers of two keys are not compared: a new key is learned over the pinned TLS alone, and then the old one counts no more. That is
 * also the way out for a host whose state was restored from a backup and which therefore counts from where it was then.
 *
 * @throws Fault MANIFEST_OLDER
 */
export function refuseOlder(files: Files, { manifest: { serial }, key }: CheckedManifest): void {
  const accepted = recall(files, MEMORY.accepted)
  const highest = accepted?.key === key ? accepted.serial : 0
  if (serial < highest) {
    const mend = 'if the state of host-server was restored from a backup, on the host: trovestrap init --new-signing-key, then: systemctl reload trovestrap-host; otherwise find out who sends it'
    throw new Fault('MANIFEST_OLDER', { serial, accepted: highest, key }, `serial ${serial}, accepted was ${highest} already; ${mend}`)
  }
  if (serial !== highest) remember(files, MEMORY.accepted, { key, serial })
}
