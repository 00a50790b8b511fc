import t from 'tap'
import { fetching } from '../../../diagnosis/causes/fetching.ts'
import { answers, ask, AT, done, failed, type Given, INSTANCE, queues, unit } from '../evidence-of.ts'

const at = (code: string, details = {}, message?: string) => failed('network', code, { host: '10.0.2.2', port: 15555, ...details }, message)
const listens = { listening: [{ address: '0.0.0.0', port: 15555 }], host_server: { port: 15555, listening: true } }
const stopped = { listening: [{ address: '0.0.0.0', port: 22 }], host_server: { port: 15555, listening: false } }
const faulty = (part: string, message: string) => ({ host_server: { port: 15555, listening: false, faults: [{ part, message }] } })
const journal = (...lines: string[]) => ({ journals: { 'guest-agent.service': lines } })
const refused = (code: string, time: string, instance = INSTANCE) => ({ at: time, address: '10.0.2.15', instance, code })
const view = (seen: string) => ({ instance: INSTANCE, enrolled: seen, credential_expires: seen, last_seen: seen, address: '10.0.2.15' })
const EARLY = 'RuntimeError: The guest_id parameter is not set. guest_info.conf was not injected into the guest'
const early = { config: [{ section: 'DEFAULT', option: 'guest_id', value: INSTANCE, file: '/etc/trove/conf.d/guest_info.conf' }], ...journal(`2026-08-01T12:01:00+00:00 db-1 guest-agent[9]: ${EARLY}`) }
const info = (changed: string) => [{ path: '/etc/trove/conf.d/guest_info.conf', exists: true, changed }]
const latest = (stage: 'ready' | 'fetch', revision: string) => ({ ...view(AT), served_revision: 'b'.repeat(64), latest: { boot: '0'.repeat(36), seq: 9, run: '00000000', at: AT, uptime: 60, stage, state: 'done' as const, attempt: 1, revision } })

const CASES: readonly [title: string, given: Given, ids: readonly string[]][] = [
  ['controller.conf is missing', { guest: journal('guest-agent.service: Failed to load environment files: No such file or directory') }, ['D1']],
  ['controller.conf was missing once', { guest: { ...journal('Failed to load environment files: No such file or directory'), files: [{ path: '/etc/trove/controller.conf', exists: true }] } }, []],
  ['host-server is stopped', { console: [at('HOST_REFUSED')], machine: stopped }, ['D2']],
  ['host-server refuses the guest, and nobody looked at this host', { console: [at('HOST_REFUSED')] }, ['D2?']],
  ['host-server listens on loopback alone', { console: [at('HOST_REFUSED')], machine: { ...listens, listening: [{ address: '127.0.0.1', port: 15555 }] } }, ['D2']],
  ['the guest dials another port', { console: [at('HOST_REFUSED', { port: 8790 })], machine: listens }, ['D2']],
  ['host-server does not start, for a reason that has a name of its own', { console: [at('HOST_REFUSED')], machine: faulty('guest_config', '[DEFAULT] control_exchange: expected trove') }, []],
  ['something drops what the guest sends to host-server', { console: [at('HOST_SILENT')], machine: listens, guest: { probes: [{ host: '10.0.2.2', port: 15555, outcome: 'silent' }] } }, ['D2']],
  ['the host is silent though it listens, and the guest was not looked into', { console: [at('HOST_SILENT')], machine: listens }, ['D2?']],
  ['ssh cannot connect, in dev mode', { guest: journal('ssh: connect to host 10.0.2.2 port 22: Connection refused') }, ['D2']],
  ['the token is revoked', { console: [failed('enrol', 'TOKEN_REFUSED', { status: 401 })] }, ['D3']],
  ['the token is missing', { console: [failed('enrol', 'TOKEN_MISSING')] }, ['D3']],
  ['the instance is enrolled with another key', { console: [failed('enrol', 'INSTANCE_TAKEN', { status: 409 })] }, ['D3']],
  ['nobody has approved the instance', { console: [failed('enrol', 'APPROVAL_PENDING', { status: 403 })] }, ['D3']],
  ['OpenStack knows no such instance', { console: [failed('enrol', 'ATTESTATION_REFUSED', { status: 403 })] }, ['D3']],
  ['OpenStack could not be asked', { console: [failed('enrol', 'ATTESTATION_UNDECIDED', { status: 503 })] }, ['D3']],
  ['too many attempts from its address', { console: [failed('enrol', 'TOO_MANY_ATTEMPTS', { status: 429 })] }, ['D3']],
  ['an approval is missing, by the record alone', { record: { refused: [refused('APPROVAL_PENDING', AT)] } }, ['D3']],
  ["the host's record alone has the refusal", { record: { refused: [refused('INSTANCE_TAKEN', AT)], view: view('2026-08-01T11:00:00Z') } }, ['D3']],
  ['a refusal from before the guest was let in', { record: { refused: [refused('TOKEN_REFUSED', '2026-08-01T11:00:00Z')], view: view(AT) } }, []],
  ["another instance's refusal", { record: { refused: [refused('TOKEN_REFUSED', AT, '0f0f0f0f-0000-4000-8000-000000000002')] } }, []],
  ['a key is refused, in dev mode', { guest: journal('trove@10.0.2.2: Permission denied (publickey).') }, ['D3']],
  ['the source is gone, and host-server does not start', { console: [at('HOST_REFUSED')], machine: faulty('source', 'expected a Trove checkout at source.path /opt/stack/trove, got nothing there') }, ['D4']],
  ['the configuration of host-server is faulty', { machine: faulty('source.path', '/opt/stack/trove does not exist') }, ['D4']],
  ['the host has nothing to hand out', { console: [failed('fetch', 'NOTHING_TO_FETCH', { status: 503 })] }, ['D4']],
  ['rsync finds no folder, in dev mode', { guest: journal('rsync: [sender] change_dir "/opt/stack/trove" failed: No such file or directory (2)') }, ['D4']],
  ['a fault of host-server that a ready guest does not feel', { console: [done('ready')], machine: faulty('source', 'gone') }, []],
  ['another CA', { console: [at('HOST_UNTRUSTED')] }, ['D5']],
  ['a name that the certificate has not', { console: [at('HOST_CERTIFICATE_NAME')] }, ['D5']],
  ['a certificate that has expired', { console: [at('HOST_CERTIFICATE_EXPIRED', { valid_to: '2026-07-01T00:00:00Z' })] }, ['D5']],
  ['dates that do not fit, and nobody knows whose', { console: [at('HOST_CERTIFICATE_EXPIRED')] }, ['D5?']],
  ['dates that do not fit, of a certificate that is good here', { console: [at('HOST_CERTIFICATE_EXPIRED')], machine: { host_server: { certificate: { names: ['10.0.2.2'], until: '2027-01-01T00:00:00Z' } } } }, ['D6']],
  ['a clock that is years off', { console: [at('CLOCK_OFF', { off_seconds: -315576000 })] }, ['D6']],
  ['a clock that is hours off', { console: [done('network')], guest: { clock_offset: 7200 } }, []],
  ['a pack that is damaged', { console: [failed('fetch', 'CONTENT_DIFFERS', {}, 'the content is not what the manifest promises: the pack is damaged')] }, ['D7']],
  ['a manifest of another key', { console: [failed('fetch', 'SIGNATURE_INVALID', { key: 'k' })] }, ['D7']],
  ['an older manifest', { console: [failed('fetch', 'MANIFEST_OLDER', { serial: 4, accepted: 9 })] }, ['D7']],
  ['the unit was ended while it fetched', { guest: { units: [unit('guest-agent.service', { active: 'failed', result: 'timeout' })], ...journal('guest-agent.service: start-pre operation timed out. Terminating.') } }, ['D8']],
  ['a required unit failed', { guest: { units: [unit('guest-agent.service', { active: 'inactive', result: 'dependency' }), unit('trove-image-loader.service', { active: 'failed', result: 'exit-code' })] } }, ['D9']],
  ['a required unit failed, on the console', { console: ['[DEPEND] Dependency failed for OpenStack Trove Guest Agent Service for Development.'] }, ['D9']],
  ['systemd has given the unit up', { guest: { units: [unit('guest-agent.service', { active: 'failed', result: 'start-limit-hit', restarts: 5 })], ...journal('ERROR something', 'guest-agent.service: Start request repeated too quickly.') } }, ['D10']],
  ['the agent was started before its file was written', { guest: { ...early, files: info('2026-08-01T12:01:30Z') } }, ['D11']],
  ['the file was there before', { guest: { ...early, files: info('2026-08-01T12:00:30Z') } }, []],
  ['a ready guest runs older code', { record: { view: latest('ready', 'a'.repeat(64)) } }, ['D12']],
  ['a guest on its way has older code still', { record: { view: latest('fetch', 'a'.repeat(64)) } }, []],
  ['a ready guest runs what is served', { record: { view: latest('ready', 'b'.repeat(64)) } }, []],
]

for (const [title, given, ids] of CASES) t.test(title, async (t) => t.same(answers(fetching, given), ids))

const mend = (id: string, given: Given) => {
  const answer = ask(fetching.find((cause) => cause.id === id)!, given)
  return answer && 'mend' in answer ? answer.mend.map(({ on, run }) => (run === undefined ? on : `${on}: ${run}`)) : []
}

t.test('what mends host-server is typed whole', async (t) => {
  t.same(mend('D2', { console: [at('HOST_REFUSED')], machine: stopped }), ['host: systemctl start trovestrap-host'])
  t.same(mend('D3', { console: [failed('enrol', 'INSTANCE_TAKEN')] }), [`host: trovestrap forget ${INSTANCE}`])
  t.same(mend('D3', { console: [failed('enrol', 'APPROVAL_PENDING')] }), [`host: trovestrap approve ${INSTANCE}`])
  t.same(mend('D7', { console: [failed('fetch', 'MANIFEST_OLDER')] }), ['host: trovestrap init --new-signing-key', 'host: systemctl restart trovestrap-host'])
  t.same(mend('D5', { console: [at('HOST_CERTIFICATE_NAME')], machine: { host_server: { config_file: '/srv/t.yaml', names: ['10.0.2.2'] } } }), ['host: trovestrap --config /srv/t.yaml init --renew', 'host: systemctl restart trovestrap-host'])
  t.same(mend('D5', { console: [at('HOST_CERTIFICATE_NAME')] })[0], 'host')
  t.same(mend('D4', { console: [at('HOST_REFUSED')], machine: faulty('source', 'expected a Trove checkout at source.path /opt/stack/trove, got nothing there') })[0], 'host: ls -ld /opt/stack/trove')
})

t.test("what the host said to the guest is in the verdict, as far as the fault's own title does not say it", async (t) => {
  const message = 'OpenStack contradicts what this instance says of itself: Trove knows no such instance; trovestrap approve lets it in all the same'
  const answer = ask(fetching.find(({ id }) => id === 'D3')!, { console: [failed('enrol', 'ATTESTATION_REFUSED', {}, message)] })
  t.match(answer, { what: 'OpenStack contradicts what the guest says of itself: Trove knows no such instance; trovestrap approve lets it in all the same' })
  const undecided = ask(fetching.find(({ id }) => id === 'D3')!, { console: [failed('enrol', 'ATTESTATION_UNDECIDED', {}, '')] })
  t.match(undecided, { what: 'host-server could not ask OpenStack whether the guest is this instance' })
})

t.test('a guest that is up and whose credential was not renewed is told how to ask again now', async (t) => {
  const given = { console: [done('ready'), failed('ready', 'TOKEN_REFUSED', { status: 401 })] }
  t.same(answers(fetching, given), ['D3'])
  t.match(mend('D3', given), ['host: trovestrap token create --uses 1', /^guest: sudo sh -c/, /^image: /, 'guest: sudo systemctl start trovestrap-renew.service'])
  t.same(answers(fetching, { ...given, broker: { queues: queues(0, 1) } }), [], 'its agent is heard: nothing keeps it from being up')
})
