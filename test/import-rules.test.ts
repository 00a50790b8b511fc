import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'

const ROOT = join(import.meta.dirname, '..')
const PURE = /^node:(crypto|util)$/

/** Who may import whom, and why not more. `test/` and `bench/` may import everything. */
const RULES: Record<string, { may: readonly string[]; because: string }> = {
  contract: { may: [], because: 'what crosses a wire or a disk is understood by both sides and depends on neither' },
  'host-server': { may: ['contract', 'openstack'], because: 'it runs beside devstack without a guest, a builder or a lab; OpenStack attests who enrols' },
  amqp: { may: ['contract'], because: 'the daemon in a guest carries it, and diagnose on the host calls a failure by the same name' },
  openstack: { may: ['contract'], because: 'it makes calls over HTTP and knows nothing of guests' },
  'guest-bootstrap': { may: ['contract', 'amqp'], because: 'it is bundled into one file for guests: what it imports, every guest carries' },
  'image-builder': { may: ['contract'], because: 'it works on a laptop that has no server and no control plane' },
  diagnosis: { may: ['contract', 'amqp', 'openstack', 'host-server'], because: "its collectors read host-server's settings and check its configuration with its own eyes; it judges without a guest or a lab" },
  publish: { may: ['contract', 'openstack'], because: 'it brings images from the web to this machine, and from here into a cloud, and knows nothing of guests; what is inside of an image others tell it' },
  instances: { may: ['contract', 'amqp', 'openstack', 'host-server', 'diagnosis', 'host-setup'], because: 'it makes and removes what operators name, through the cloud, and looks at what is left in broker and record; a database may be exposed by rules of this host; what it says is shown by verbs' },
  'host-setup': { may: ['contract', 'host-server'], because: "it prepares the machine on which host-server runs, by its settings; it asks no cloud and no guest" },
  lab: { may: ['contract', 'amqp', 'host-server', 'guest-bootstrap', 'image-builder', 'openstack', 'diagnosis', 'cli'], because: 'it plays the world around the rooms, and the operator at the keyboard' },
  cli: { may: ['contract', 'amqp', 'host-server', 'guest-bootstrap', 'image-builder', 'openstack', 'diagnosis', 'instances', 'publish', 'host-setup', 'lab'], because: 'verbs ask the rooms; no room asks a verb' },
}

t.test('a room imports only rooms that the table allows it', async (t) => {
  for (const [room, { may, because }] of Object.entries(RULES)) {
    for (const { file, target } of importsOf(room)) {
      if (!target.startsWith('.')) continue
      const other = normalize(join(dirname(file), target)).split('/')[0]!
      if (other === 'package.json') continue
      t.ok(other === room || may.includes(other), `${file} imports ${target}; ${room} may import ${may.join(', ') || 'nothing of ours'}, for ${because}`)
    }
  }
})

t.test('every room with code has a row in the table', async (t) => {
  const rooms = globSync('*/**/*.ts', { cwd: ROOT, exclude: ['node_modules'] }).map((file) => file.split('/')[0]!)
  const known = new Set([...Object.keys(RULES), 'test', 'bench'])
  t.same([...new Set(rooms)].filter((room) => !known.has(room) && !room.startsWith('.')), [])
})

t.test('the contract touches nothing of the machine', async (t) => {
  for (const { file, target } of importsOf('contract')) {
    t.ok(target.startsWith('./') || target === 'typebox' || PURE.test(target), `${file} imports ${target}`)
  }
})

function importsOf(room: string): { file: string; target: string }[] {
  return globSync(`${room}/**/*.ts`, { cwd: ROOT }).flatMap((file) => {
    const source = readFileSync(join(ROOT, file), 'utf8')
    return [...source.matchAll(/(?:^|[\s;])(?:import|export)\b[^'"]*?from\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g)].map((match) => ({
      file,
      target: (match[1] ?? match[2])!,
    }))
  })
}
