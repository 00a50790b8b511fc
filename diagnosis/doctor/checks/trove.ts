import { editForGuests } from '../../causes/edit-guest-config.ts'
import { AS_ROOT, toRead, unseen, type Check, type Warning } from '../check.ts'

/** Trove's default of injected_config_owner (trove/common/cfg.py). */
const OWNER = 'ubuntu'

export const guestConfig: Check = {
  name: 'guest-config',
  title: 'guest config',
  sources: ['machine'],
  causes: ['F3', 'F4', 'F5', 'F6', 'F8', 'C6', 'G14', 'I8'],
  see(facts) {
    const { machine } = facts.evidence
    const served = machine?.guest_config
    if (machine === undefined || served === undefined) return unseen(facts, 'machine', AS_ROOT)
    const { path, readable, why } = served.file
    if (!readable || why !== undefined) return { state: 'unseen', text: `${path}: ${why ?? 'cannot be read'}`, mend: toRead(path, why), decisive: true }
    const wrong = served.findings.filter(({ level }) => level === 'error')
    if (wrong.length > 0) return { state: 'unseen', text: wrong.map(({ option, message }) => `${option}: ${message}`).join('; '), mend: wrong.flatMap(({ mend }) => editForGuests(facts, mend)), decisive: true }
    const trove = machine.trove_conf?.file
    if (trove?.readable !== true) return { state: 'unseen', text: `${path} cannot be compared: ${trove?.path ?? 'trove.conf'}: ${trove?.why ?? 'not looked at'}`, mend: toRead(trove?.path ?? 'trove.conf', trove?.why), decisive: true }
    const warnings = served.findings.map(({ option, message, mend }): Warning => ({ text: `${option}: ${message}`, mend: editForGuests(facts, mend) }))
    return { state: 'well', text: `${path} fits ${trove.path} · exchange ${served.options['control_exchange'] ?? 'openstack'}`, warnings }
  },
}

export const injectedFiles: Check = {
  name: 'injected-files',
  title: 'injected files',
  sources: ['machine'],
  causes: ['N6', 'N7'],
  see(facts) {
    const conf = facts.evidence.machine?.trove_conf
    if (conf === undefined) return unseen(facts, 'machine', AS_ROOT)
    if (!conf.file.readable) return { state: 'unseen', text: `${conf.file.path}: ${conf.file.why}`, mend: toRead(conf.file.path, conf.file.why), decisive: true }
    const { guest_config: file, templates, options } = conf
    const absent = file?.readable === false ? [{ text: `trove-taskmanager injects no ${file.path}: ${file.why}; guests have host-server's alone`, mend: [{ on: 'host' as const, say: `write ${file.path}, should guests come up without host-server too` }] }] : []
    const told = [file?.readable === true ? file.path : undefined, templates.length === 0 ? 'no cloud-init template' : `${templates.length} cloud-init ${templates.length === 1 ? 'template' : 'templates'}`, `for the user ${options['injected_config_owner'] ?? OWNER}, who has to be in the image (B2)`]
    return { state: 'well', text: told.filter((part) => part !== undefined).join(' · '), warnings: absent }
  },
}

export const troveServices: Check = {
  name: 'trove',
  title: 'Trove',
  sources: ['machine'],
  causes: ['N13'],
  see(facts) {
    const { machine } = facts.evidence
    if (machine === undefined) return unseen(facts, 'machine', AS_ROOT)
    const services = Object.entries(machine.host?.services ?? {})
    const [here, away] = [services.filter(([, pids]) => pids.length > 0), services.filter(([, pids]) => pids.length === 0)]
    if (here.length === 0) return { state: 'absent', text: 'no service of Trove runs on this host; its queues tell whether they run elsewhere' }
    return { state: 'well', text: [`${here.map(([name]) => name).join(', ')} run here`, ...(away.length === 0 ? [] : [`not here: ${away.map(([name]) => name).join(', ')}`])].join(' · ') }
  },
}
