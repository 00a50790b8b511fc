import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { registerDoctor } from '../../cli/doctor.ts'
import { ownAddresses } from '../../diagnosis/collect/machine/own-addresses.ts'
import type { Examination } from '../../diagnosis/doctor/examine.ts'
import { makeServerCertificate } from '../../host-server/pki/certificates.ts'
import { initialise } from '../../host-server/pki/initialise.ts'
import { loadSettings } from '../../host-server/settings.ts'
import { runVerb } from './run-verb.ts'

// No cloud of whoever runs this is asked.
for (const name of Object.keys(process.env)) if (name.startsWith('OS_')) delete process.env[name]
process.env['HOME'] = t.testdirName

/** What needs neither RabbitMQ nor a cloud. */
const HERE = ['--only', 'host-server', 'certificate', 'keys', 'guest-config', 'injected-files']
const AGENT = '[DEFAULT]\ntransport_url = rabbit://trove:canary-of-guest@10.0.2.2:5672/trove\ncontrol_exchange = trove\n'

t.test('a host that is well', async (t) => {
  const { config, listen } = await hostIn(t)
  await listen('0.0.0.0')
  const { exitCode, stdout } = await runVerb(t, registerDoctor, config, 'doctor', ...HERE)
  t.equal(exitCode, 0, stdout)
  t.match(stdout, /^✔ host-server +port \d+ on 0\.0\.0\.0 .*\n(?: .*\n)*✔ certificate +.* d left\n✔ keys +5 files/)
  t.match(stdout, /\nNothing keeps guests from coming up, as far as this host shows\.\n$/)
  t.notMatch(stdout, /canary|\u001b/)
})

t.test('the same for programs, with keys that stay', async (t) => {
  const { config, listen } = await hostIn(t)
  await listen('0.0.0.0')
  const { exitCode, stdout } = await runVerb(t, registerDoctor, config, 'doctor', ...HERE, '--json')
  const examination = JSON.parse(stdout) as Examination
  t.equal(exitCode, 0)
  t.same(Object.keys(examination), ['at', 'verdict', 'checks', 'not_seen', 'broken'])
  t.same(examination.checks.map(({ check }) => check), ['host-server', 'certificate', 'keys', 'guest-config', 'injected-files'])
  for (const check of examination.checks) t.same(Object.keys(check).toSorted(), ['causes', 'check', 'findings', 'mend', 'state', 'suspicions', 'text', 'title', 'warnings'])
  t.notMatch(stdout, /canary/)
})

t.test('nothing listens: exit 3, with what to type', async (t) => {
  const { config } = await hostIn(t)
  const { exitCode, stdout } = await runVerb(t, registerDoctor, config, 'doctor', '--only', 'host-server')
  t.equal(exitCode, 3)
  t.match(stdout, /^✘ host-server +host-server does not run\n +cause +host-server-away \(D2\)\n +proof .*nothing listens on \d+\n +mend +systemctl start trovestrap-host\n/)
})

t.test('a listener on loopback alone is no listener for guests, unless they come in through a NAT', { skip: ownAddresses().length === 0 }, async (t) => {
  const own = ownAddresses().find((address) => !address.includes(':'))!
  const { config, listen } = await hostIn(t, own)
  await listen('127.0.0.1')
  const { exitCode, stdout } = await runVerb(t, registerDoctor, config, 'doctor', '--only', 'host-server')
  t.equal(exitCode, 3)
  t.match(stdout, /listens on 127\.0\.0\.1 alone/)
  t.match(await runVerb(t, registerDoctor, config, 'doctor', '--only', 'host-server', '--address', '10.0.2.2'), { exitCode: 0 })
})

t.test('a certificate that has run out', async (t) => {
  const { config, folder, listen } = await hostIn(t)
  await listen('0.0.0.0')
  const pki = join(folder, 'state/pki')
  const ca = { key: readFileSync(join(pki, 'ca-key.pem'), 'utf8'), certificate: readFileSync(join(pki, 'ca.pem'), 'utf8') }
  const { key, certificate } = await makeServerCertificate(ca, ['controller', '10.0.2.2', 'localhost', '127.0.0.1'], 3600, new Date(Date.now() - 86_400_000))
  writeFileSync(join(pki, 'server.pem'), key + certificate)
  const { exitCode, stdout } = await runVerb(t, registerDoctor, config, 'doctor', ...HERE)
  t.equal(exitCode, 3)
  t.match(stdout, /✘ certificate +host-server's certificate has expired\n +cause +host-certificate-refused \(D5\)/)
  t.match(stdout, /trovestrap --config \S+ init --renew\n +systemctl restart trovestrap-host/)
  t.match(stdout, /✔ host-server/)
})

t.test('a token that others may read', async (t) => {
  const { config, folder, listen } = await hostIn(t)
  await listen('0.0.0.0')
  chmodSync(join(folder, 'state/operator.token'), 0o644)
  const { exitCode, stdout } = await runVerb(t, registerDoctor, config, 'doctor', '--only', 'keys')
  t.equal(exitCode, 3)
  t.match(stdout, /others on this host may read operator\.token .*\n.*host-keys-exposed \(D13\)\n.*mode 0644, expected 0600\n +mend +chmod 600 \S+operator\.token/)
})

t.test('what could not be looked at is neither well nor a fault: exit 4', async (t) => {
  const { config, folder } = await hostIn(t)
  writeFileSync(join(folder, 'agent.conf'), '[DEFAULT]\n')
  const { exitCode, stdout } = await runVerb(t, registerDoctor, config, 'doctor', '--only', 'queues', '--trove-conf', join(folder, 'none.conf'))
  t.equal(exitCode, 4, stdout)
  t.match(stdout, /^\? queues [^]*cannot be read: no such file/)
})

t.test('what cannot be meant is refused before anything is looked at', async (t) => {
  const { config } = await hostIn(t)
  for (const words of [['--only', 'nonsense'], ['--guests', '10.0.0.0'], ['--guests', '10.0.0.0/40'], ['--address', 'localhost'], ['--address', '127.0.0.1'], ['--patience', '0'], ['host-1']]) {
    t.match(await runVerb(t, registerDoctor, config, 'doctor', ...words), { exitCode: 2 }, words.join(' '))
  }
})

/** @param name by which guests reach the host; of a NAT unless said otherwise */
async function hostIn(t: Test, name = '10.0.2.2'): Promise<{ folder: string; config: string; listen(address: string): Promise<void> }> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  await new Promise((done) => probe.close(done))
  const folder = t.testdir({
    tree: {},
    cloudinit: { 'mysql.cloudinit': '#cloud-config\nruncmd: [ls]\n' },
    'agent.conf': AGENT,
    'config.yaml': `names: [controller, ${name}]\nlisten: {port: ${port}}\nstate: state\nsource: {path: tree}\nguest_config: {path: agent.conf, trove_conf: trove.conf}\n`,
  })
  const config = join(folder, 'config.yaml')
  writeFileSync(join(folder, 'trove.conf'), `${AGENT}guest_config = ${folder}/agent.conf\ncloudinit_location = ${folder}/cloudinit\n`)
  await initialise(loadSettings(config))
  return {
    folder,
    config,
    async listen(address) {
      const server = createServer().listen(port, address)
      await once(server, 'listening')
      t.teardown(() => server.close())
    },
  }
}
