import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { forwardPolicy } from '../../../../diagnosis/collect/machine/forward-policy.ts'
import { knownSecrets } from '../../../../diagnosis/collect/machine/known-secrets.ts'
import { listening } from '../../../../diagnosis/collect/machine/listening.ts'
import { reach } from '../../../../diagnosis/collect/machine/reach.ts'
import { templateProblem } from '../../../../diagnosis/collect/machine/template-problem.ts'

t.test('the kernel’s tables are read, listening sockets alone', async (t) => {
  const four = `  sl  local_address rem_address   st
   0: 0100007F:3CC3 00000000:0000 0A 00000000:00000000
   1: 00000000:1628 00000000:0000 0A 00000000:00000000
   2: 0100007F:3CC3 0100007F:8888 01 00000000:00000000
`
  const six = `  sl  local_address rem_address   st
   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 0
   1: B80D0120000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0
`
  t.same(listening((path) => (path.endsWith('6') ? six : four)), [
    { address: '127.0.0.1', port: 15555 },
    { address: '0.0.0.0', port: 5672 },
    { address: '::', port: 22 },
    { address: '2001:db8::1', port: 80 },
  ])
  t.equal(listening(() => undefined), undefined)
})

t.test('a forward chain that drops is seen through nftables, or iptables where that is not there', async (t) => {
  const signal = AbortSignal.timeout(5000)
  const chain = (more: object) => ({ chain: { family: 'ip', hook: 'forward', type: 'filter', policy: 'accept', ...more } })
  const nft = (...chains: object[]) => JSON.stringify({ nftables: [{ metainfo: {} }, ...chains] })
  const missing = Object.assign(new Error('spawn nft ENOENT'), { code: 'ENOENT' })
  const partly: string[] = []
  const ask = (answers: Record<string, string | Error>) =>
    forwardPolicy(signal, (why) => void partly.push(why), async (program) => {
      const answer = answers[program]!
      if (answer instanceof Error) throw answer
      return answer
    })
  t.same(await ask({ nft: nft(chain({}), chain({ family: 'inet', policy: 'drop' })) }), { policy: 'DROP', from: 'nft list ruleset' })
  t.same(await ask({ nft: nft(chain({}), chain({ hook: 'input', policy: 'drop' }), chain({ family: 'ip6', policy: 'drop' })) }), { policy: 'ACCEPT', from: 'nft list ruleset' })
  t.same(await ask({ nft: missing, iptables: '-P FORWARD DROP\n-N DOCKER-USER\n' }), { policy: 'DROP', from: 'iptables -S FORWARD' })
  t.same(await ask({ nft: missing, iptables: missing }), undefined)
  t.same(partly, [])
  t.equal(await ask({ nft: missing, iptables: new Error('Permission denied (you must be root)') }), undefined)
  t.same(partly, ['forwarding policy: iptables -S FORWARD: Permission denied (you must be root)'])
})

t.test('a template that Trove or cloud-init could not use says why, and never quotes itself', async (t) => {
  const CASES: Record<string, RegExp | undefined> = {
    '#cloud-config\nruncmd:\n - [ls]\n': undefined,
    'chpasswd: {expire: false}\n': undefined,
    '#!/bin/bash\necho canary\n': /got a script/,
    'Content-Type: multipart/mixed; boundary="=="\nMIME-Version: 1.0\n': /got MIME parts/,
    '#cloud-config\na: 1\n#cloud-config\nb: 2\n': /got a second #cloud-config/,
    '#cloud-config\npassword: "canary\n': /got something else at line \d/,
    '#cloud-config\n': /got nothing$/,
    '- canary\n': /got a list$/,
    'canary\n': /got plain text$/,
    '#cloud-config\nwrite_files:\n': /write_files is empty/,
    '#cloud-config\nwrite_files: []\n': /write_files is empty/,
    '#cloud-config\nwrite_files: [{path: /a}]\n': /write_files of its own/,
  }
  for (const [text, expected] of Object.entries(CASES)) {
    const problem = templateProblem(text)
    if (expected === undefined) t.equal(problem, undefined, text)
    else t.match(problem, expected, text)
    t.notMatch(problem ?? '', /canary/)
  }
})

t.test('a TCP connection from here is open, refused, silent or to an unknown name', async (t) => {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  t.same(await reach([{ host: '10.0.2.2', port }], { '10.0.2.2': '127.0.0.1' }), [{ host: '10.0.2.2', port, outcome: 'open' }])
  await new Promise((done) => server.close(done))
  t.same(await reach([{ host: '127.0.0.1', port }, { host: 'no-such-host.invalid', port: 5672 }], {}), [
    { host: '127.0.0.1', port, outcome: 'refused' },
    { host: 'no-such-host.invalid', port: 5672, outcome: 'unknown-name' },
  ])
})

t.test('every secret of both files is known by value, as written and as meant', async (t) => {
  const folder = t.testdir({
    'trove.conf': `[DEFAULT]
transport_url = rabbit://trove:canary%2Fone@h1:5672,trove:canary-two@h2:5672/trove
taskmanager_rpc_encr_key = bzH6y0SGmjuoY0FNSTptrhgieGXNDX6PIhvz
inst_rpc_key_encr_key = canary-of-key
[database]
connection = mysql+pymysql://trove:canary@three@h/trove?charset=utf8
[service_credentials]
password = "canary four"
username = not-a-secret
[keystone_authtoken]
password = trove
`,
    'agent.conf': '[DEFAULT]\ntransport_url = rabbit://trove:canary$$five@10.0.0.1/\n[guest_agent]\ncontainer_registry_password = canary-six\n',
  })
  const secrets = knownSecrets({ troveConf: join(folder, 'trove.conf'), guestConfig: join(folder, 'agent.conf') })
  t.same(secrets.toSorted(), ['canary four', 'canary$$five', 'canary$five', 'canary%2Fone', 'canary-of-key', 'canary-six', 'canary-two', 'canary/one', 'canary@three'].toSorted())
  t.ok(secrets.every((secret, at) => at === 0 || secrets[at - 1]!.length >= secret.length), 'the longest first')
  t.same(knownSecrets({ troveConf: '/no/such/file' }), [])
})
