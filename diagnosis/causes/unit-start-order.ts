import { FOREIGN_AGENT_UNITS } from '../../contract/paths.ts'
import type { Cause } from '../cause.ts'
import { proofOf } from '../facts.ts'
import { instant, instantOfLine } from '../instant.ts'
import { again, nameOf, OURS, stateOf } from './image-unit.ts'
import { isHeard } from './is-heard.ts'
import { safeWord } from './safe-word.ts'
import { setTroveOption } from './trove-option.ts'

/** D1 */
export const environmentMissing: Cause = {
  id: 'D1',
  name: 'controller-conf-missing',
  title: '/etc/trove/controller.conf is missing, without which the unit of the image does not start',
  phase: 'start-agent',
  shows: '`Failed to load environment files: No such file or directory`',
  needs: ['guest', 'console'],
  symptomOf: ['B2', 'B3', 'N7'],
  mend: 'controller_address in trove.conf',
  find(facts) {
    const line = isHeard(facts) ? undefined : facts.line(/Failed to load environment files/, 'agent', 'guest', 'console')
    if (!line || facts.file('/etc/trove/controller.conf')?.exists === true) return undefined
    const { machine } = facts.evidence
    const set = machine?.trove_conf?.options['controller_address']
    const address = safeWord(set) ?? safeWord(machine?.host_server.names?.[0])
    return {
      what: `/etc/trove/controller.conf is not in the guest${machine?.trove_conf && set === undefined ? ': controller_address is not set in trove.conf' : ''}`,
      proof: [proofOf(line), ...(machine?.trove_conf && set === undefined ? [{ source: 'machine' as const, where: machine.trove_conf.file.path, text: 'no controller_address' }] : [])],
      mend: [
        ...(address !== undefined && set === undefined ? setTroveOption(facts, 'controller_address', address) : [{ on: 'host' as const, say: 'set controller_address in trove.conf' }]),
        ...(address === undefined ? [] : [{ on: 'guest' as const, run: `echo CONTROLLER=${address} | sudo tee /etc/trove/controller.conf`, say: 'for the guest that is there' }, again(facts)]),
      ],
    }
  },
}

/** D9 */
export const dependencyFailed: Cause = {
  id: 'D9',
  name: 'required-unit-failed',
  title: 'a unit that the agent\'s unit requires has failed, and systemd does not try again',
  phase: 'start-agent',
  shows: '`Dependency failed for OpenStack Trove Guest Agent`; result dependency',
  needs: ['guest', 'console'],
  symptomOf: ['H6', 'D1', 'B6'],
  mend: 'mend that unit; Wants= in the place of Requires=',
  find(facts) {
    if (isHeard(facts) || facts.said.length > 0) return undefined
    const line = facts.line(/Dependency failed for .*(?:Trove ?[Gg]uest|guest-?agent)/, 'agent', 'guest', 'console')
    // systemd leaves such a unit inactive, so it is not the one that counts as the agent's.
    const unit = FOREIGN_AGENT_UNITS.map(facts.unit).find((unit) => unit?.result === 'dependency')
    if (!line && !unit) return undefined
    const failed = facts.evidence.guest?.units.find(({ name, active }) => active === 'failed' && !(FOREIGN_AGENT_UNITS as readonly string[]).includes(name))
    const name = safeWord(failed?.name)
    return {
      what: `${unit?.name ?? nameOf(facts)} does not start because ${failed ? `${failed.name}, which it requires, has failed` : 'a unit that it requires has failed'}`,
      proof: [...(line ? [proofOf(line)] : []), ...(failed ? [{ source: 'guest' as const, where: `guest, systemctl show ${failed.name}`, text: `failed, result ${failed.result}` }] : unit ? stateOf(unit) : [])],
      mend: [...(name === undefined ? [] : [{ on: 'guest' as const, run: `journalctl -b -u ${name} --no-pager | tail -n 30`, say: 'says why' }]), again(facts, unit?.name), OURS],
    }
  },
}

/** D11 */
export const startedTooEarly: Cause = {
  id: 'D11',
  name: 'agent-before-its-config',
  title: 'the agent was started before its configuration was written',
  phase: 'start-agent',
  shows: 'lines of F1 or F3 from before the files were written; the files are there now',
  needs: ['guest'],
  mend: 'restart the unit; After=cloud-init.service (cloud-final.service for what runcmd writes)',
  find(facts) {
    if (isHeard(facts) || facts.said.length > 0) return undefined
    const line = facts.line(/The guest_id parameter is not set|Manager class not registered for datastore manager None|\[Errno 111\] ECONNREFUSED/, 'agent')
    const lacked = line && /ECONNREFUSED/.test(line.text) ? facts.option('DEFAULT', 'transport_url') : facts.option('DEFAULT', 'guest_id')
    const file = lacked && facts.file(lacked.file)
    const [said, written] = [instantOfLine(line?.text ?? ''), instant(file?.changed)]
    if (!line || !lacked || file?.exists !== true || said === undefined || written === undefined || written <= said) return undefined
    return {
      what: `${nameOf(facts)} was started before ${lacked.file} was written, and has not read it since`,
      proof: [proofOf(line), { source: 'guest', where: 'guest', text: `${lacked.file} written ${file.changed}` }],
      mend: [again(facts), { on: 'image', say: 'order the unit After=cloud-init.service, or After=cloud-final.service where runcmd writes the file' }, OURS],
    }
  },
}
