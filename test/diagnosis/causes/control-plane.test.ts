import t from 'tap'
import { controlPlane } from '../../../diagnosis/causes/control-plane.ts'
import { answers, ask, done, failed, type Given, INSTANCE, queues } from '../evidence-of.ts'

const BUILDING = { task: 0x05, task_text: 'BUILDING' }
const away = { ...queues(0, 0), taskmanager: { present: true, messages: 1, consumers: 0 } }
const NOT_IN_DRIVE = 'no guest_id was injected into this instance: looked in /etc/trove/conf.d/guest_info.conf; nothing in the config drive either'
const template = { path: '/etc/trove/cloudinit/mysql.cloudinit', problem: 'its write_files is empty' }
const info = { path: '/etc/trove/conf.d/guest_info.conf', exists: true }
const config = { path: '/etc/trove/conf.d/trove-guestagent.conf', exists: false }
const absent = { trove_conf: { guest_config: { path: '/etc/trove/trove-guestagent.conf', readable: false, why: 'does not exist' } } }
const marker = (which: string, exists: boolean) => ({ path: `/opt/trove-guestagent/.guestagent.prepare.${which}`, exists })
const idle = { 'trovestrap-agent.service': Array(2).fill('INFO Database service is not installed, skip status check') as string[] }
const newborn = { instance: BUILDING, service: { id: 0x17, text: 'new' } }
const late = { instance: { task: 0x5b }, fault: { message: 'Polling request timed out.', created: '2026-08-01T12:00:00Z' } }

/** As Trove 18 writes it down where a datastore version has no list of packages. */
const UNSENT = {
  message: "'NoneType' object has no attribute 'split'",
  details: `Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/trove/taskmanager/models.py", line 1019, in _guest_prepare
    self.guest.prepare(flavor_ram, packages, databases, users,
  File "/usr/lib/python3/dist-packages/trove/guestagent/api.py", line 337, in prepare
    packages = packages.split()
AttributeError: 'NoneType' object has no attribute 'split'`,
}

const CASES: readonly [title: string, given: Given, ids: readonly string[]][] = [
  ['no server yet and nobody consumes taskmanager', { trove: { instance: BUILDING }, broker: { queues: away } }, ['N1']],
  ['no server yet, and RabbitMQ was not asked', { trove: { instance: BUILDING } }, ['N1?']],
  ['orders wait in taskmanager, and Trove was not asked', { broker: { queues: { taskmanager: away.taskmanager } } }, ['N1?']],
  ['orders wait, but the guest speaks', { console: [done('identify')], broker: { queues: { taskmanager: away.taskmanager } } }, []],
  ['no server yet, as it is in the first seconds', { trove: { instance: BUILDING }, broker: { queues: queues(0, 0) } }, []],
  ['the server is there and the taskmanager was stopped since', { trove: { instance: { ...BUILDING, compute_instance_id: 'a' } }, broker: { queues: away } }, []],
  ['a port could not be made, with a reason', { trove: { instance: { task: 0x5c }, fault: { message: 'Failed to create port' } } }, ['N2']],
  ['a server could not be made, and why is not known', { trove: { instance: { task: 0x51 } } }, ['N2?']],
  ['a quota is used up', { trove: { instance: { task: 0x52 }, fault: { message: 'VolumeSizeExceedsAvailableQuota: Quota exceeded' } } }, ['N3', 'N2']],
  ['the disk of the flavour is too small', { trove: { instance: { task: 0x51 }, fault: { message: "Flavor's disk is too small for requested image." } } }, ['N5', 'N2']],
  ['the reason stands in the log of the taskmanager alone', { trove: { instance: { task: 0x51 } }, taskmanager: [`ERROR Failed to create instance ${INSTANCE}, error: Quota exceeded for cores.`] }, ['N3', 'N2']],
  ["another instance's quota is not this one's", { taskmanager: ['ERROR Failed to create instance 0f0f0f0f, error: Quota exceeded for cores.'] }, []],
  ["Nova's server is in ERROR, by Trove's word", { trove: { instance: { task: 0x5b }, fault: { message: 'Server not active, status: ERROR, fault message: No valid host was found.' } } }, ['N4']],
  ["Nova's server is in ERROR, by its own", { nova: { server: { id: 'a', status: 'ERROR', fault: { message: 'No valid host was found.' }, addresses: [] } } }, ['N4']],
  ['Trove injected no agent configuration, and has none', { guest: { files: [info, config] }, machine: absent }, ['N6']],
  ['Trove injected no agent configuration; this host was not looked at', { guest: { files: [info, config] } }, ['N6?']],
  ['the daemon misses transport_url, and there is nothing to inject', { console: [failed('reach-rabbitmq', 'TRANSPORT_URL_MISSING')], machine: absent }, ['N6']],
  ['a guest that gets its configuration from host-server lacks nothing', { console: [done('ready')], guest: { files: [info, config] }, machine: absent }, []],
  ['write_files broke off: the file is missing for another reason', { guest: { files: [info, config], journals: { 'cloud-init.service': ["getpwnam(): name not found: 'ubuntu'"] } }, machine: absent }, []],
  ["a template whose write_files wipes Trove's", { console: [failed('identify', 'NO_GUEST_ID', {}, NOT_IN_DRIVE)], machine: { trove_conf: { templates: [template] } } }, ['N7']],
  ['the taskmanager could not parse its template', { console: [failed('identify', 'NO_GUEST_ID', {}, NOT_IN_DRIVE)], taskmanager: ['ERROR Failed to parse userdata'] }, ['N7']],
  ['a drive without guest_info, and nobody looked at the host', { console: [failed('identify', 'NO_GUEST_ID', {}, NOT_IN_DRIVE)] }, ['N7?']],
  ['a template that is bad while the guest has its id', { console: [done('identify')], machine: { trove_conf: { templates: [template] } } }, []],
  ['healthy after Trove gave up', { trove: { ...late, service: { text: 'healthy', updated: '2026-08-01T12:04:00Z' } } }, ['N8']],
  ['a heartbeat from before Trove gave up', { trove: { ...late, service: { text: 'healthy', updated: '2026-08-01T11:59:00Z' } } }, []],
  ['timed out and not healthy', { trove: { ...late, service: { text: 'building' } } }, []],
  ['connected, an empty queue, and never a prepare', { guest: { journals: idle, files: [marker('start', false)] }, broker: { queues: queues(0, 1) }, trove: newborn }, ['N9']],
  ['the same without SSH, ready for long', { record: { reports: [ready('2026-08-01T12:03:00Z')] }, broker: { queues: queues(0, 1) }, trove: newborn }, ['N9?']],
  ['the same a moment after it became ready', { record: { reports: [ready('2026-08-01T12:04:50Z')] }, broker: { queues: queues(0, 1) }, trove: newborn }, []],
  ['prepare came and could not be read', { guest: { journals: { 'trovestrap-agent.service': [...idle['trovestrap-agent.service'], 'ERROR Exception during message handling'] }, files: [marker('start', false)] }, broker: { queues: queues(0, 1) }, trove: newborn }, []],
  ['the taskmanager broke off before it sent prepare', { record: { reports: [ready('2026-08-01T12:03:00Z')] }, broker: { queues: queues(0, 1) }, trove: { ...newborn, fault: UNSENT } }, ['N9']],
  ['a traceback from elsewhere', { broker: { queues: queues(0, 1) }, trove: { ...newborn, fault: { ...UNSENT, details: UNSENT.details.replace('_guest_prepare', '_create_volume') } } }, []],
  ['prepare has begun', { guest: { journals: idle, files: [marker('start', true)] }, broker: { queues: queues(0, 1) } }, []],
]

for (const [title, given, ids] of CASES) t.test(title, async (t) => t.same(answers(controlPlane, given), ids))

t.test('the commands for a timeout that is too short carry the instance and the doubled value', async (t) => {
  const answer = ask(controlPlane.find(({ id }) => id === 'N8')!, {
    trove: { ...late, service: { text: 'healthy' } },
    machine: { trove_conf: { file: { path: '/etc/trove/t.conf', readable: true }, options: { usage_timeout: '600' } } },
  })
  t.match(answer, {
    what: /600 s/,
    mend: [{ run: `openstack database instance reset status ${INSTANCE}` }, { run: 'crudini --set /etc/trove/t.conf DEFAULT usage_timeout 1200' }, { run: 'systemctl restart trove-taskmanager' }],
  })
})

function ready(received: string) {
  return { received, report: { boot: '0'.repeat(36), seq: 9, run: '00000000', at: received, uptime: 60, stage: 'ready' as const, state: 'done' as const, attempt: 1 } }
}
