import t from 'tap'
import { Value } from 'typebox/value'
import { guestCollector, type SshAccess } from '../../../diagnosis/collect/guest.ts'
import type { CollectContext } from '../../../diagnosis/collect/collector.ts'
import { sectionsOf } from '../../../diagnosis/collect/guest/sections.ts'
import { guestSeen } from '../../../diagnosis/collect/guest/see.ts'
import { GuestSeen, type Evidence } from '../../../diagnosis/evidence.ts'
import { play, questionOf, transcript } from './guest/stand-in.ts'
import { startSshServer, USER_KEY, type ServerOptions } from './ssh/ssh-server.ts'

const JOURNALS = ['cloud-init-local.service', 'docker.service', 'docker.socket', 'kernel', 'networking.service', 'trovestrap-agent.service', 'trovestrap-guest.service']
const INSTANCE = '5b2d1f3e-0000-4000-8000-000000000001'

interface Outcome {
  readonly seen: GuestSeen
  readonly parts: string[]
}

/** @param within milliseconds */
async function lookInto(onCommand: ServerOptions['onCommand'], within = 6000, others: Partial<Evidence> = {}, more: Partial<SshAccess> = { host: '127.0.0.1' }): Promise<Outcome> {
  await using server = await startSshServer(onCommand === undefined ? {} : { onCommand })
  const parts: string[] = []
  const context: CollectContext = { signal: AbortSignal.timeout(within), seenBy: async (source) => others[source] as never, partly: (why) => void parts.push(why) }
  const seen = await guestCollector({ user: 'debug', port: server.port, privateKey: USER_KEY.private, ...more }).collect({ instance: INSTANCE }, context)
  return { seen, parts }
}

const wellGuest: ServerOptions['onCommand'] = (command, _input, channel) => {
  const question = questionOf(command)
  play(command, channel, { stdout: transcript(question), stderr: question === 'root' ? transcript('root-aside') : '' })
}

t.test('what a real guest printed becomes evidence', async (t) => {
  const { seen, parts } = await lookInto(wellGuest)
  t.same(parts, [])
  t.ok(Value.Check(GuestSeen, seen))
  t.match(seen, {
    via: /^debug@127\.0\.0\.1:\d+$/,
    uptime: Number,
    clock_offset: Number,
    transport: { hosts: [{ host: '10.0.2.2', port: 30978, user: 'trove' }], vhost: 'trove', file: '/etc/trove/conf.d/trovestrap.conf' },
    config_faults: [],
    python: '3.11',
    sudo: { ok: true, seconds: 0.39 },
    agent_sudo: { ok: true },
    nameservers: ['10.0.2.3'],
    devices: ['/dev/vda', '/dev/vda1', '/dev/vdb', '/dev/vdc'],
    memory: { total: Number, available: Number },
    docker: { answers: true, containers: [/^database docker\.io\/library\/mysql:5\.7\.29 running Up/], images: ['docker.io/library/mysql:5.7.29'] },
    cloud_init: { datasource: /ConfigDrive/, errors: [], instance_id: /^[0-9a-f-]{36}$/ },
  })
  t.same(seen.probes, [
    { host: '10.0.2.2', port: 30978, outcome: 'open' },
    { host: '10.0.2.2', port: 15555, outcome: 'refused' },
  ])
  t.same(seen.paths, [{ to: '10.0.2.2', route: '10.0.2.2 dev eth0 src 10.0.2.15 uid 1002 cache' }])
  t.same(seen.accounts.map(({ name }) => name).sort(), ['database', 'debian', 'debug', 'trove'])
  t.same(Object.keys(seen.journals).sort(), JOURNALS)
  t.equal(seen.journals['trovestrap-guest.service']!.at(2), '2026-11-25T10:30:57Z node[382]: stage=identify state=begun')
  t.match(seen.journals['trovestrap-guest.service']!.at(0), /systemd\[1\]: Starting trovestrap-guest/)
  t.match(seen.logs, { '/var/log/cloud-init.log': [/schema\.py\[WARNING\]/], 'container database': /./ })
  t.equal(seen.logs['/var/log/cloud-init-output.log']!.length, 40)
})

t.test('no secret of the guest is in it, wherever it stood', async (t) => {
  const { seen } = await lookInto(wellGuest)
  const text = JSON.stringify(seen)
  t.notMatch(text, /canary/i)
  t.match(text, /login with \*\*\* failed, then with \*\*\*/)
  t.same(seen.config.filter(({ value }) => value === '***').map(({ option }) => option), ['instance_rpc_encr_key', 'transport_url'])
})

t.test('nothing in it speaks to a terminal', async (t) => {
  const { seen } = await lookInto(wellGuest)
  t.notMatch(JSON.stringify(Object.values(seen.journals)) + JSON.stringify(Object.values(seen.logs)), /\\u00[01]|\u009b/)
})

t.test('where sudo is refused the rest is seen, and said to be a part', async (t) => {
  const { seen, parts } = await lookInto(async (command, input, channel) => {
    const question = questionOf(command)
    if (question === 'root') return play(command, channel, { stdout: '1.00\n', stderr: 'sudo: a password is required\n', status: 1 })
    if (!(await input).includes('part who')) return play(command, channel, { stdout: transcript(question) })
    play(command, channel, { stdout: transcript('root').replace('root 434', 'user 434'), stderr: transcript('root-aside') })
  })
  t.match(seen.sudo, { ok: false, said: 'sudo: a password is required' })
  t.same(parts, ['sudo: a password is required; what root alone may read is missing', 'not seen, or not all of it: journals, logs, agent_sudo, docker'])
  t.ok(seen.files.length > 5)
  t.ok(seen.units.length > 5)
})

t.test('a sudo that never ends keeps back nothing but what it was to bring', async (t) => {
  const { seen, parts } = await lookInto(async (command, input, channel) => {
    const question = questionOf(command)
    if (question === 'root') return void channel.write('1.00\n')
    play(command, channel, { stdout: (await input).includes('part who') ? transcript('root').replace('root 434', 'user 434') : transcript(question) })
  }, 7000)
  t.match(seen.sudo, { ok: false, said: /^sudo has not ended within \d/ })
  t.match(parts.join(), /sudo has not ended.*not seen, or not all of it: journals/)
  t.ok(seen.config.length > 5)
})

t.test('an empty list that says nothing is told from one that says there is nothing', async (t) => {
  const until = (text: string, name: string) => text.slice(0, text.indexOf(`@BOUNDARY@ ${name}`))
  const { seen, parts } = await lookInto((command, _input, channel) => {
    const question = questionOf(command)
    if (question === 'network') return play(command, channel, { stdout: transcript(question) })
    const unread = transcript('root').replace('@BOUNDARY@ unreadable\n', '@BOUNDARY@ unreadable\n/etc/trove/conf.d/x.conf\n')
    play(command, channel, question === 'user' ? { stdout: until(transcript('user'), 'devices') } : { stdout: unread, stderr: until(transcript('root-aside'), 'docker-2') })
  })
  t.same(seen.unseen, ['config', 'cloud_init', 'accounts', 'nameservers', 'devices', 'disks', 'docker'])
  t.same(parts, ['not seen, or not all of it: config, cloud_init, accounts, nameservers, devices, disks, docker'])
})

t.test('a guest that lets one in and never answers is not waited for beyond the deadline', async (t) => {
  const began = performance.now()
  await t.rejects(lookInto(() => {}, 3000), { name: 'CannotSee', message: /^logged in, but the guest answers nothing/ })
  t.ok(performance.now() - began < 4500)
})

t.test('a guest that floods is read up to a limit, in time and memory', async (t) => {
  const line = Buffer.from(`\u001b]0;owned\u0007\u001b[2J${'A'.repeat(1 << 20)}`)
  const before = process.memoryUsage().rss
  const began = performance.now()
  const { seen, parts } = await lookInto((command, _input, channel) => {
    channel.write(`\n${/--[0-9a-f]{24}/.exec(command)![0]} journal-agent\n`)
    let left = 100 // megabytes in one line
    const flood = () => {
      while (channel.writable && left > 0 && channel.write(line)) left--
      if (channel.writable && left > 0) channel.once('drain', flood)
    }
    flood()
  }, 6000)
  t.ok(performance.now() - began < 6000)
  t.ok(process.memoryUsage().rss - before < 300e6)
  t.match(parts.join(), /says more than it should/)
  t.ok(JSON.stringify(seen).length < 10_000)
})

t.test('a guest that prints nonsense in every section is evidence without sense, not an error', async (t) => {
  const nonsense = ['', '{', '[[[[', '==> x <==', '-1', 'NaN', '{"__proto__":1}', '{"MESSAGE":{"a":1},"UNIT":"__proto__"}', 'Id=', 'A=B', '|'.repeat(9), '\u001b[31m', '\u0000', '9'.repeat(400), "stat: x '/': No such file"].join('\n')
  const names = 'clock uptime units addresses routes texts devices python disks who config places files journal-daemon journal-agent logs cloud-init-log journal-boot kernel agent-sudo docker-1-containers docker-2-images docker-3-logs docker-status probes paths end'
  const all = names.split(' ').map((name) => `\n@BOUNDARY@ ${name}\n${nonsense}\n`).join('')
  const { seen } = await lookInto((command, _input, channel) => play(command, channel, { stdout: all, stderr: all }))
  t.ok(Value.Check(GuestSeen, seen))
  t.same([seen.units, seen.addresses, Object.keys(seen.journals), seen.config, seen.disks, seen.docker?.answers], [[], [], ['kernel'], [], [], false])
})

t.test('the address is the one that host-server heard, else one of Nova; what is only valid inside a machine is neither', async (t) => {
  const record = (address: string) => ({ view: { address }, reports: [], refused: [] }) as unknown as NonNullable<Evidence['record']>
  const nova = { server: { id: 'x', status: 'ACTIVE', addresses: [{ network: 'mgmt', address: '127.0.0.9' }, { network: 'mgmt', address: '192.0.2.7', kind: 'fixed' }] } }
  const none = { message: 'no address of the guest is known; --ssh USER@HOST' }
  await t.rejects(lookInto(wellGuest, 1000, {}, {}), none)
  await t.rejects(lookInto(wellGuest, 1000, { record: record('10.0.2.15') }, {}), none)
  await t.rejects(lookInto(wellGuest, 500, { record: record('127.0.0.1'), nova }, {}), { message: /: 192\.0\.2\.7:\d+$/ })
  await t.rejects(lookInto(wellGuest, 500, { record: record('198.51.100.3'), nova }, {}), { message: /: 198\.51\.100\.3:\d+$/ })
})

t.test('a guest that fills its answers with what is slow to read is read in bounded time', async (t) => {
  const names = 'clock uptime units addresses routes texts devices python disks who config places files journal-daemon journal-agent logs cloud-init-log journal-boot kernel agent-sudo docker-1-containers docker-2-images docker-3-logs docker-status probes paths end'.split(' ')
  const heads: Record<string, string> = { texts: '==> /etc/resolv.conf <==\n', config: '==> /etc/trove/conf.d/x.conf <==\n[DEFAULT]\n', places: '==> /etc/trove/controller.conf <==\n', files: "stat: '/", disks: 'x' }
  // Of a section that is as large as all of them may be, one after the other.
  const fillers = ['\n', ' ', '\r', "'/", 'a\n', '0 ', 'a=b\n', '[a]\n', Array.from({ length: 100_000 }, (_, at) => `p${at}_password = ${at}abcdef\n`).join('')]
  for (const filler of fillers) {
    for (const name of ['texts', 'config', 'places', 'files', 'disks', 'agent-sudo', 'units', 'addresses', 'journal-agent', 'logs', 'docker-3-logs']) {
      const fill = filler.repeat(Math.ceil(1_500_000 / filler.length))
      const all = names.map((one) => `\n@BOUNDARY@ ${one}\n${heads[one] ?? ''}${one === name ? fill : ''}\n`).join('')
      const began = performance.now()
      guestSeen('x', { sections: sectionsOf(Buffer.from(all), '@BOUNDARY@'), whole: new Set(), sudo: undefined, missing: [] })
      const took = performance.now() - began
      if (took > 3000) t.fail(`${name} of ${JSON.stringify(filler.slice(0, 20))}: ${Math.round(took)} ms`)
    }
  }
})
