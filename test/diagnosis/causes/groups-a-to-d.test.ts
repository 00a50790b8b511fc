import t from 'tap'
import { STAGES } from '../../../contract/report.ts'
import { boot } from '../../../diagnosis/causes/boot.ts'
import { controlPlane } from '../../../diagnosis/causes/control-plane.ts'
import { fetching } from '../../../diagnosis/causes/fetching.ts'
import { guestNetwork } from '../../../diagnosis/causes/guest-network.ts'
import { unseen } from '../../../diagnosis/unseen.ts'
import { answers, AT, done, failed, type Given, INSTANCE, queues, unit } from '../evidence-of.ts'

const ALL = [...controlPlane, ...boot, ...guestNetwork, ...fetching]
const NOTES: Partial<Record<(typeof STAGES)[number], string>> = {
  identify: `guest_id ${INSTANCE} from /etc/trove/conf.d/guest_info.conf`,
  network: '10.0.2.15 on ens3 · https://10.0.2.2:15555 · clock agrees',
}
const BOOT = ['[    0.0] Linux version 6.1', 'ci-info: +++Net device info+++', 'ci-info: | ens3 | True | 10.0.2.15 | 255.255.255.0 | global | 52:54 |', 'db-1 login: ']

/** A control plane, a host and a guest that are well, at a moment of the bring-up. @param stages that are done */
function moment(stages: number, agent: 'away' | 'connected' | 'preparing' | 'healthy'): Given {
  const said = STAGES.slice(0, stages).map((stage) => done(stage, NOTES[stage]))
  const began = agent === 'preparing' || agent === 'healthy'
  const word = { away: 'new', connected: 'new', preparing: 'building', healthy: 'healthy' }[agent]
  return {
    console: [...BOOT, ...said],
    broker: { queues: queues(agent === 'away' ? 1 : 0, agent === 'away' ? 0 : 1) },
    record: {},
    trove: { instance: { task: agent === 'healthy' ? 1 : 5, compute_instance_id: 'server', created: '2026-08-01T12:04:00Z' }, service: { text: word, updated: AT } },
    machine: { listening: [{ address: '::', port: 15555 }], host_server: { port: 15555, listening: true }, forward: { policy: 'DROP', from: 'iptables' }, trove_conf: { guest_config: { path: '/etc/trove/trove-guestagent.conf', readable: true } } },
    guest: {
      units: [unit('trovestrap-guest.service'), unit('trovestrap-agent.service', agent === 'away' ? { active: 'inactive' } : {}), unit('guest-agent.service', { load: 'not-found', active: 'inactive' })],
      config: [{ section: 'DEFAULT', option: 'guest_id', value: INSTANCE, file: '/etc/trove/conf.d/guest_info.conf' }],
      files: [
        { path: '/etc/trove/conf.d/guest_info.conf', exists: true },
        { path: '/opt/trove-guestagent/.guestagent.prepare.start', exists: began },
        { path: '/opt/trove-guestagent/.guestagent.prepare.end', exists: agent === 'healthy', changed: AT },
      ],
      addresses: [{ interface: 'ens3', address: '10.0.2.15' }],
    },
  }
}

t.test('nothing is found or suspected at any moment of a bring-up that goes well, whoever was not asked', async (t) => {
  const moments: Given[] = STAGES.map((_, stages) => moment(stages, stages < 8 ? 'away' : 'connected'))
  for (const given of [...moments, moment(10, 'connected'), moment(10, 'preparing'), moment(10, 'healthy')]) {
    t.same(answers(ALL, given), [])
    for (const source of Object.keys(given) as (keyof Given)[]) {
      const { [source]: _, ...rest } = given
      t.same(answers(ALL, rest), [], `without ${source}`)
    }
  }
})

t.test('every row of the groups A to D is a cause, or has its reason why not', async (t) => {
  const rows = [...Array.from({ length: 9 }, (_, at) => `N${at + 1}`), ...Array.from({ length: 10 }, (_, at) => `B${at + 1}`), ...Array.from({ length: 9 }, (_, at) => `C${at + 1}`), ...Array.from({ length: 12 }, (_, at) => `D${at + 1}`)]
  const known = [...ALL.map(({ id }) => id), ...unseen.map(({ id }) => id)]
  t.same(rows.filter((id) => !known.includes(id)), [])
  t.equal(new Set(known).size, known.length, 'none is there twice')
})

t.test('a guest that is looked into without ours, and comes up, gives nothing', async (t) => {
  const given: Given = { guest: { units: [unit('trovestrap-guest.service', { load: 'not-found', active: 'inactive', enabled: '' }), unit('guest-agent.service')], files: [{ path: '/etc/trove/conf.d/guest_info.conf', exists: true }, { path: '/etc/trove/conf.d/trove-guestagent.conf', exists: true }] } }
  t.same(answers(ALL, given), [])
})

t.test('of a stopped host-server, what was not looked at leaves it undecided', async (t) => {
  const console = [failed('network', 'HOST_REFUSED', { host: '10.0.2.2', port: 15555 })]
  const machine: Given['machine'] = { host_server: { port: 15555, listening: false } }
  t.same(answers(ALL, { console, machine }), ['D2'])
  t.same(answers(ALL, { console }), ['D2?'])
  t.same(answers(ALL, { machine }), ['D2?'])
})
