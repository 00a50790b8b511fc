import type { Cause, Proof } from '../cause.ts'
import { type Facts } from '../facts.ts'
import { instant } from '../instant.ts'

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/
const MARKER = '/opt/trove-guestagent/.guestagent.prepare'
const SYSPREP = { on: 'image' as const, run: 'trovestrap image build BASE.qcow2 -o OUT.qcow2 --sysprep', say: 'clears what belongs to one machine' }
const BUILDING = 0x05

/** B4 */
export const anotherInstance: Cause = {
  id: 'B4',
  name: 'captured-with-state',
  title: "the image was captured from a guest that had run: it takes itself for another instance",
  phase: 'identify',
  shows: "guest_info.conf has another instance's guest_id",
  needs: ['guest', 'console'],
  mend: 'trovestrap image build … --sysprep, or cloud-init clean before the capture',
  find(facts) {
    const other = otherId(facts)
    if (!other) return undefined
    return {
      what: `the guest takes itself for instance ${other.id}: the image was captured from it, with cloud-init's state`,
      proof: [other.proof],
      mend: [SYSPREP, { on: 'guest', run: 'sudo sh -c "cloud-init clean && rm -f /etc/trove/conf.d/guest_info.conf /etc/guest_info && reboot"', say: 'for the guest that is there' }],
    }
  },
}

function otherId(facts: Facts): { id: string; proof: Proof } | undefined {
  const { instance } = facts.evidence
  const set = facts.option('DEFAULT', 'guest_id')
  if (set) return UUID.test(set.value) && set.value.toLowerCase() !== instance ? { id: UUID.exec(set.value)![0], proof: { source: 'guest', where: `guest, ${set.file}`, text: `guest_id = ${set.value}` } } : undefined
  // What host-server's record has is filed under the right id already.
  const said = facts.said.findLast(({ stage, state, proof }) => stage === 'identify' && state === 'done' && proof.source !== 'record')
  const id = UUID.exec(said?.note ?? '')?.[0]
  return said && id !== undefined && id !== instance ? { id, proof: said.proof } : undefined
}

/** B5 */
export const preparedAlready: Cause = {
  id: 'B5',
  name: 'marker-baked-in',
  title: "the image carries Trove's mark of a database that is prepared, and the agent says shutdown",
  phase: 'prepare',
  shows: '`Service not active, status: shutdown`; .guestagent.prepare.end is older than the instance',
  needs: ['trove', 'guest'],
  mend: 'trovestrap image build … --sysprep',
  find(facts) {
    if (facts.healthy === true) return undefined
    const shutdown = saysShutdown(facts)
    const marker = olderThanInstance(facts)
    if (shutdown === undefined && marker === undefined) return undefined
    return {
      what: "the image carries Trove's mark of a database that is prepared, so the agent reports one that is down",
      proof: [marker, shutdown].filter((one) => one !== undefined),
      mend: [SYSPREP, { on: 'guest', run: `sudo rm -f ${MARKER}.start ${MARKER}.end`, say: 'for the guest that is there; then create the instance again, should Trove have given it up' }],
    }
  },
}

/** While Trove waits for the first sign, no guest that was not prepared says so. */
function saysShutdown({ evidence: { trove } }: Facts): Proof | undefined {
  const { fault, service, instance } = trove ?? {}
  if (fault && /Service not active, status: shutdown/i.test(fault.message)) return { source: 'trove', where: 'instance_faults', text: fault.message }
  if (service?.text.toLowerCase() !== 'shutdown' || instance?.task !== BUILDING) return undefined
  return { source: 'trove', where: 'service_statuses', text: `shutdown, while the instance is being built` }
}

function olderThanInstance(facts: Facts): Proof | undefined {
  const end = facts.file(`${MARKER}.end`)
  const created = instant(facts.evidence.trove?.instance?.created ?? facts.evidence.nova?.server?.created)
  const changed = instant(end?.changed)
  if (end?.exists !== true) return undefined
  const older = changed !== undefined && created !== undefined && changed < created - 60_000
  const unprepared = facts.file(`${MARKER}.start`)?.exists === false
  return older || unprepared ? { source: 'guest', where: 'guest', text: `${end.path} is there${end.changed === undefined ? '' : ` since ${end.changed}`}${older ? ', longer than the instance' : ', without its beginning'}` } : undefined
}
