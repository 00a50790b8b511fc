import { execFileSync } from 'node:child_process'
import t from 'tap'
import { filterSeen } from '../../../../diagnosis/collect/machine/filter-seen.ts'
import { fromIptables } from '../../../../diagnosis/collect/machine/iptables-ruleset.ts'
import { passes } from '../../../../diagnosis/collect/machine/ruleset.ts'

const FILTER_SEEN = new URL('../../../../diagnosis/collect/machine/filter-seen.ts', import.meta.url).href
/** Runs in a namespace of its own: sets each ruleset by the tool that is named, and says what is seen of it. */
const INSIDE = `
import { execFileSync } from 'node:child_process'
import { filterSeen } from ${JSON.stringify(FILTER_SEEN)}
const { rulesets, question } = JSON.parse(process.argv[1])
const seen = []
for (const { tool, args, input } of rulesets) {
  execFileSync('nft', ['flush', 'ruleset'])
  execFileSync(tool, args, { input })
  const partly = []
  seen.push({ seen: await filterSeen(question, AbortSignal.timeout(5000), (why) => partly.push(why)), partly })
}
console.log(JSON.stringify(seen))
`

const nft = (rules: string) => ({ tool: 'nft', args: ['-f', '-'], input: rules })
const restore = (rules: string) => ({ tool: 'iptables-restore', args: [], input: rules })
const QUESTION = { needed: [5672, 15555], guests: '10.1.2.0/24' }

const RULESETS: readonly [title: string, ruleset: ReturnType<typeof nft>, seen: object][] = [
  ['no rules at all', nft('add table inet empty'), { input: 'accept', forward: 'accept', closed: [], forwards: 'yes', masquerades: [] }],
  [
    'what comes in is dropped, but for a port and a network',
    nft(`table inet f {
      chain input { type filter hook input priority 0; policy drop; iifname "lo" accept; ct state established,related accept; tcp dport { 22, 15000-16000 } counter accept; ip saddr 10.0.0.0/8 tcp dport 5672 accept; }
    }`),
    { input: 'drop', closed: [] },
  ],
  [
    'only another network reaches RabbitMQ',
    nft('table inet f {\n chain input {\n type filter hook input priority 0; policy drop;\n ip saddr 192.168.0.0/16 tcp dport 5672 accept\n tcp dport 15555 accept\n }\n}\n'),
    { input: 'drop', closed: [{ port: 5672, open: 'no' }] },
  ],
  [
    'rules that stand in another chain, and one that is not understood',
    nft('table inet f {\n set friends { type ipv4_addr; }\n chain ours { tcp dport 5672 accept; }\n chain input {\n type filter hook input priority 0; policy drop;\n ip saddr @friends accept\n jump ours\n }\n}\n'),
    { input: 'drop', closed: [{ port: 15555, open: 'unknown' }] },
  ],
  [
    'a port is refused before everything is let in',
    nft('table ip f {\n chain input {\n type filter hook input priority 0; policy accept;\n tcp dport 5672 reject\n }\n}\n'),
    { input: 'accept', closed: [{ port: 5672, open: 'no' }] },
  ],
  ['the policy of forward as Docker sets it', restore('*filter\n:FORWARD DROP [0:0]\n:DOCKER-USER - [0:0]\n-A FORWARD -j DOCKER-USER\n-A DOCKER-USER -j RETURN\n-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\nCOMMIT\n'), { forward: 'drop', forwards: 'no' }],
  ["the same, with the guests' network in DOCKER-USER", restore('*filter\n:FORWARD DROP [0:0]\n:DOCKER-USER - [0:0]\n-A FORWARD -j DOCKER-USER\n-A DOCKER-USER -s 10.1.0.0/16 -m comment --comment "our guests" -j ACCEPT\nCOMMIT\n'), { forward: 'drop', forwards: 'yes' }],
  ['the same, with a bridge in DOCKER-USER, which may be theirs', restore('*filter\n:FORWARD DROP [0:0]\n:DOCKER-USER - [0:0]\n-A FORWARD -j DOCKER-USER\n-A DOCKER-USER -i br0 -j ACCEPT\nCOMMIT\n'), { forwards: 'unknown' }],
  ['masquerade, as iptables writes it', restore('*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -s 10.1.0.0/16 -o eth0 -j MASQUERADE\nCOMMIT\n'), { masquerades: ['10.1.0.0/16'] }],
  ['masquerade of everything, as nft writes it', nft('table ip n {\n chain post {\n type nat hook postrouting priority 100;\n oifname "eth0" masquerade\n }\n}\n'), { masquerades: ['everything'] }],
]

t.test('what a real packet filter makes of guests’ packets', async (t) => {
  const rulesets = RULESETS.map(([, ruleset]) => ruleset)
  const told = execFileSync('unshare', ['--map-root-user', '--net', process.execPath, '--input-type=module-typescript', '-e', INSIDE, '--', JSON.stringify({ rulesets, question: QUESTION })], { encoding: 'utf8' })
  const answers = JSON.parse(told) as { seen: object; partly: string[] }[]
  for (const [at, [title, , expected]] of RULESETS.entries()) {
    const seen = answers[at]!.seen as Record<string, unknown>
    t.same(Object.fromEntries(Object.keys(expected).map((key) => [key, seen[key]])), expected, title)
    t.same(answers[at]!.partly, [])
  }
})

t.test('where nftables is not there, what iptables-save says counts', async (t) => {
  const chains = fromIptables('*filter\n:INPUT DROP [0:0]\n:OURS - [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp -m multiport --dports 22,5672:5680 -j OURS\n-A OURS ! -s 10.9.0.0/16 -j ACCEPT\n-A INPUT -p udp -m udp --dport 15555 -j ACCEPT\nCOMMIT\n')
  t.equal(passes(chains, 'input', { port: 5673, from: '10.1.2.0/24' }), 'yes')
  t.equal(passes(chains, 'input', { port: 5673, from: '10.9.1.0/24' }), 'no')
  t.equal(passes(chains, 'input', { port: 5673 }), 'unknown')
  t.equal(passes(chains, 'input', { port: 5673, from: '10.0.0.0/8' }), 'unknown', 'a part of it is kept out')
  t.equal(passes(chains, 'input', { port: 15555, from: '10.1.2.0/24' }), 'no')
})

t.test('nobody who may look, and nothing to look with, are told apart', async (t) => {
  const missing = Object.assign(new Error('spawn ENOENT'), { code: 'ENOENT' })
  const ask = async (answers: Record<string, Error | string>) => {
    const partly: string[] = []
    const seen = await filterSeen(QUESTION, AbortSignal.timeout(5000), (why) => void partly.push(why), async (program) => {
      const answer = answers[program]!
      if (answer instanceof Error) throw answer
      return answer
    })
    return { seen, partly }
  }
  t.same(await ask({ nft: missing, 'iptables-save': missing }), { seen: undefined, partly: ['packet filter: neither nft nor iptables-save is here'] })
  t.match(await ask({ nft: new Error('Operation not permitted (you must be root)'), 'iptables-save': missing }), { seen: undefined, partly: ['packet filter: nft list ruleset: Operation not permitted (you must be root)'] })
  t.match(await ask({ nft: missing, 'iptables-save': '*filter\n:INPUT DROP [0:0]\nCOMMIT\n' }), { seen: { from: 'iptables-save', input: 'drop', closed: [{ port: 5672, open: 'no' }, { port: 15555, open: 'no' }] }, partly: [] })
  t.match(await ask({ nft: '{"nftables": []}', 'iptables-save': '*filter\n:FORWARD DROP [0:0]\nCOMMIT\n' }), { seen: { from: 'iptables-save', forward: 'drop', forwards: 'no' } }, 'rules of the older iptables are none of nftables')
  t.match(await ask({ nft: '{"nftables": []}', 'iptables-save': missing }), { seen: { from: 'nft list ruleset', input: 'accept' } })
})
