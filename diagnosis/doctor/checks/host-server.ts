import { hostCommand, RESTART_HOST } from '../../causes/host-command.ts'
import { duration } from '../../duration.ts'
import { instant } from '../../instant.ts'
import { AS_ROOT, unseen, type Check } from '../check.ts'

/** Days before its end at which a certificate should be renewed: a guest that is built then meets its end. */
const SOON_DAYS = 14

export const hostServer: Check = {
  name: 'host-server',
  title: 'host-server',
  sources: ['machine'],
  causes: ['D2', 'D4'],
  see(facts) {
    const { machine } = facts.evidence
    if (machine === undefined) return unseen(facts, 'machine', AS_ROOT)
    const { port, source } = machine.host_server
    const addresses = machine.listening.filter((one) => one.port === port).map(({ address }) => address)
    const who = machine.host?.listeners[String(port)]
    return { state: 'well', text: `port ${port} on ${[...new Set(addresses)].join(', ')}${who === undefined ? '' : ` (${who})`} · hands out ${source}` }
  },
}

export const certificate: Check = {
  name: 'certificate',
  title: 'certificate',
  sources: ['machine'],
  causes: ['D5'],
  see(facts) {
    const { machine, at } = facts.evidence
    if (machine === undefined) return unseen(facts, 'machine', AS_ROOT)
    if (!machine.host_server.configured) return { state: 'absent', text: 'without host-server there is none' }
    const seen = machine.host_server.certificate
    const [end, now] = [instant(seen?.until), instant(at)]
    if (seen === undefined || end === undefined || now === undefined) return { state: 'unseen', text: machine.host_server.faults.find(({ part }) => part === 'state')?.message ?? 'it cannot be read', mend: AS_ROOT, decisive: true }
    const left = (end - now) / 1000
    const warnings = left < SOON_DAYS * 86_400 ? [{ text: `it ends in ${duration(left)}; guests refuse it from then on`, mend: [{ on: 'host' as const, run: hostCommand(facts, 'init --renew') }, RESTART_HOST] }] : []
    return { state: 'well', text: `${seen.names.join(', ')} · ${duration(left)} left`, warnings }
  },
}

export const keys: Check = {
  name: 'keys',
  title: 'keys',
  sources: ['machine'],
  causes: ['D13'],
  see(facts) {
    const { machine } = facts.evidence
    if (machine === undefined) return unseen(facts, 'machine', AS_ROOT)
    const found = machine.host?.keys ?? []
    if (found.length > 0) return { state: 'well', text: `${found.length} files with keys and tokens, for their owner alone` }
    return machine.host_server.configured ? { state: 'unseen', text: `nothing can be seen in ${machine.host_server.state ?? 'its state folder'}`, mend: AS_ROOT, decisive: false } : { state: 'absent', text: 'without host-server there are none' }
  },
}
