// A host with a guest on one side and the outside on the other, each a network namespace, in a world of its own: run as root with
// `unshare --net --mount --pid --fork --kill-child=KILL --mount-proc -- node world.ts BACKEND FOLDER`. Does the steps of its standard
// input, one a line, and prints what came of each, one JSON a line. Ends with everything it started.
import { execFile, spawn } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { CONFIG, type Came } from './in-a-world.ts'

const ROOT = new URL('../../..', import.meta.url).pathname
const CLI = `${ROOT}cli/main.ts`
const [backend = '', folder = ''] = process.argv.slice(2)

function run(program: string, args: readonly string[]): Promise<Came> {
  return new Promise((resolve) => execFile(program, args, { env: { ...process.env, LC_ALL: 'C' } }, (error, stdout, stderr) => resolve({ exitCode: error === null ? 0 : Number(error.code) || 1, stdout, stderr })))
}

async function must(line: string): Promise<string> {
  const [program = '', ...args] = line.split(' ')
  const came = await run(program, args)
  if (came.exitCode !== 0) throw new Error(`${line}: ${came.stderr}`)
  return came.stdout
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; !(await holds()); await delay(50)) if (Date.now() > end) throw new Error(`never: ${what}`)
}

async function layNetworks(): Promise<void> {
  mkdirSync('/run/netns')
  for (const line of ['link set lo up', 'netns add guest', 'netns add outside']) await must(`ip ${line}`)
  for (const [name, address, peer, other] of [['in0', '10.5.0.1/24', 'guest', '10.5.0.2/24'], ['out0', '203.0.113.1/24', 'outside', '203.0.113.2/24']]) {
    for (const line of [`link add ${name} type veth peer name eth0 netns ${peer}`, `address add ${address} dev ${name}`, `link set ${name} up`]) await must(`ip ${line}`)
    for (const line of ['link set lo up', `address add ${other} dev eth0`, 'link set eth0 up']) await must(`ip -n ${peer} ${line}`)
  }
  await must('ip -n guest route add default via 10.5.0.1')
  await must('ip route add default via 203.0.113.2')
}

async function ownMounts(): Promise<void> {
  await must('mount --make-rprivate /')
  // /etc and /var are written by firewalld and ufw; nothing of that stays.
  await must('mount -t tmpfs tmpfs /mnt')
  for (const name of ['etc', 'var']) {
    mkdirSync(`/mnt/${name}`)
    mkdirSync(`/mnt/${name}.work`)
    await must(`mount -t overlay overlay -o lowerdir=/${name},upperdir=/mnt/${name},workdir=/mnt/${name}.work /${name}`)
  }
  await must('mount -t tmpfs tmpfs /run')
  await must('mount -t sysfs sysfs /sys')
}

async function startBackend(): Promise<void> {
  // ufw's first start leaves two rules out that each later one has.
  if (backend === 'ufw') for (const line of ['ufw --force enable', 'ufw reload']) await must(line)
  if (backend !== 'firewalld') return
  mkdirSync('/run/dbus')
  await must('dbus-daemon --system --fork --nopidfile')
  spawn('firewalld', ['--nofork'], { stdio: 'ignore' })
  await until('firewalld runs', async () => (await run('firewall-cmd', ['--state'])).exitCode === 0)
}

/** Says who connects, and is there for whoever does. */
async function listen(namespace: string, port: number): Promise<void> {
  const source = `require('node:net').createServer((socket) => socket.end(socket.remoteAddress)).listen(${port}, '0.0.0.0')`
  const [program, ...args] = namespace === 'host' ? [process.execPath, '-e', source] : ['ip', 'netns', 'exec', namespace, process.execPath, '-e', source]
  spawn(program!, args, { stdio: 'inherit' })
  const ours = namespace === 'host' ? [] : ['-N', namespace]
  await until(`${namespace} listens on ${port}`, async () => (await run('ss', [...ours, '-Hltn', `sport = ${port}`])).stdout !== '')
}

const STEPS: Record<string, (...words: string[]) => Promise<Came>> = {
  trovestrap: (...words) => run(process.execPath, [CLI, '--config', `${folder}/${CONFIG}`, ...words]),
  run: (program = '', ...words) => run(program, words),
  /** From a namespace; what the other side says. */
  reach: (from = '', address = '', port = '') => {
    const source = `const socket = require('node:net').connect(${port}, '${address}'); socket.setTimeout(700, () => process.exit(1)); socket.on('error', () => process.exit(1)); socket.pipe(process.stdout)`
    return from === 'host' ? run(process.execPath, ['-e', source]) : run('ip', ['netns', 'exec', from, process.execPath, '-e', source])
  },
  /** Everything that a firewall here is made of, without counts of packets. */
  traces: async () => {
    const rules = (await must('nft -s list ruleset')).replace(/^#.*\n/gm, '')
    const files = globSync('{/etc/firewalld,/etc/ufw}/**/*', { withFileTypes: true }).filter((one) => one.isFile()).map((one) => `${one.parentPath}/${one.name}`).sort()
    const forward = readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8')
    return { exitCode: 0, stdout: JSON.stringify({ rules, files: files.map((file) => [file, readFileSync(file, 'latin1')]), forward, remembered: existsSync(`${folder}/state-firewall.json`) }), stderr: '' }
  },
}

await ownMounts()
await layNetworks()
await startBackend()
writeFileSync(`${folder}/${CONFIG}`, `names: [10.5.0.1]\nstate: ${folder}/state\nsource: { path: /opt/stack/trove }\n`)
await Promise.all([listen('outside', 8000), listen('guest', 3306), listen('host', 8080), listen('host', 8081)])
process.stdout.write('ready\n')
for await (const line of createInterface({ input: process.stdin })) {
  const [step = '', ...words] = JSON.parse(line) as string[]
  process.stdout.write(`${JSON.stringify(await STEPS[step]!(...words))}\n`)
}
process.exit()
