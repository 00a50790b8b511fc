// An image that brought its tree along, laid by host-server's own code, in a guest whose host is away.
import { createHash } from 'node:crypto'
import t, { type Test } from 'tap'
import { GUEST } from '../../contract/paths.ts'
import type { Report } from '../../contract/report.ts'
import { treeOf } from '../../contract/source-tree.ts'
import { bringUp } from '../../guest-bootstrap/engine.ts'
import { MEMORY, recall } from '../../guest-bootstrap/memory.ts'
import { reporter } from '../../guest-bootstrap/reports/reporter.ts'
import { bringUpStages } from '../../guest-bootstrap/stages.ts'
import { userData } from '../../lab/user-data.ts'
import { layTree } from '../../host-server/prebake/lay-tree.ts'
import { INSTANCE, machine, type Machine } from './machine.ts'
import { signedTree } from './signed-tree.ts'
import { RUNS } from './unit-states.ts'
import { wellBroker } from './well-broker.ts'

const TREE = { 'contrib/trove-guestagent': '#!/usr/bin/env python3\n', 'trove/__init__.py': '', 'trove/cmd/guest.py': 'def main(): pass\n', 'trove/latest': '-> cmd/guest.py' }
const { manifest } = signedTree(TREE)
const CONTENTS = Buffer.from(Object.keys(TREE).sort().map((path) => TREE[path as keyof typeof TREE]).filter((text) => !text.startsWith('-> ')).join(''))
const INFO = `[DEFAULT]\nguest_id = ${INSTANCE}\ndatastore_manager = mysql\n`
const BROKER = '[DEFAULT]\ntransport_url = rabbit://trove:s3cret@10.0.2.2:5672/trove\ncontrol_exchange = trove\n'

function guest(t: Test, { prebaked = true, config = BROKER }: { prebaked?: boolean; config?: string } = {}): Machine {
  const it = machine(t, {
    changed: { amqp: async () => wellBroker() },
    programs: (program, args) => {
      if (program === '/usr/bin/python3') return { stdout: JSON.stringify({ version: '3.11.2', managed: true, pip: true, allowed: true, missing: [], found: [] }) }
      if (args[0] === 'show') return { stdout: RUNS }
      return {}
    },
  })
  it.put('/etc/trove/conf.d/guest_info.conf', INFO)
  it.put('/etc/trove/conf.d/trove-guestagent.conf', config)
  it.put('/usr/bin/python3', '')
  if (!prebaked) return it
  for (const laid of layTree(manifest, CONTENTS)) {
    if (laid.kind === 'folder') it.system.files.folder(laid.path, laid)
    else if (laid.kind === 'link') it.system.files.symlink(laid.path, laid.target)
    else if ('bytes' in laid.content) it.put(laid.path, laid.content.bytes.toString(), laid.mode)
  }
  return it
}

async function run({ system }: Machine): Promise<string[]> {
  const said: Report[] = []
  try {
    await bringUp(bringUpStages, system, { announce: reporter(system, [(report) => said.push(report)]), chance: () => 0 })
  } catch (error) {
    // The machine's clock ends a bring-up that goes round for ever.
    said.push({ stage: 'ready', state: 'failed', note: (error as Error).message } as Report)
  }
  return said.filter((report) => report.state !== 'begun').map(({ stage, state, note, fault }) => `${stage} ${state} ${fault?.code ?? note}`)
}

t.test('a guest with a tree from its image and a configuration from Trove becomes ready without any host', async (t) => {
  const it = guest(t)
  const said = (await run(it)).filter((line) => line !== 'network failed HOST_REFUSED')
  const short = manifest.revision.slice(0, 7)
  t.match(said, [
    /^identify done/,
    /^network done no host \(.*\); going on with what is here$/,
    /^enrol done not enrolled: there is no host/,
    `fetch done ${short} (trove 18.0.0): there already, verified; no host to ask for another`,
    /^configure done guest_info.conf, trove-guestagent.conf · without asking the host/,
    /^install-requirements done/,
    /^reach-rabbitmq done/,
    /^start-agent done .* from /,
    /^confirm done/,
  ])
  t.equal(said.length, 9, 'each says it once')
  t.ok(it.clock.uptime - 10 >= 10 && it.clock.uptime - 10 < 20, `the host was looked for during ${it.clock.uptime - 10} s`)
  t.equal(recall(it.system.files, MEMORY.enrolment), undefined)
})

t.test('a configuration that Trove injected and cloud-init did not write is found on the config drive', async (t) => {
  const it = guest(t)
  it.system.files.remove('/etc/trove/conf.d/trove-guestagent.conf')
  it.put('/run/cloud-init/status.json', '{"v1": {"init": {"errors": ["(\'write_files\', OSError(\"Unknown user or group: ubuntu\"))"]}}}')
  it.put('/dev/disk/by-label/config-2', '')
  it.put('/proc/mounts', '/dev/disk/by-label/config-2 /mnt iso9660 ro 0 0\n')
  it.put('/mnt/openstack/latest/user_data', userData([{ path: '/etc/trove/conf.d/guest_info.conf', content: INFO }, { path: '/etc/trove/conf.d/trove-guestagent.conf', content: BROKER }]))
  t.match((await run(it)).at(-1), /^confirm done/)
  t.equal(it.system.files.stat('/etc/trove/conf.d/trove-guestagent.conf')?.mode, 0o600)
})

t.test('without a tree, or without a broker to go to, it waits for its host for ever', async (t) => {
  for (const lacking of [{ prebaked: false }, { config: '[DEFAULT]\n' }, { config: '[DEFAULT\n' }]) {
    const said = await run(guest(t, lacking))
    t.match(said.at(-1), /^ready failed the guest goes round in circles/)
    t.notMatch(said.join('\n'), /network done/)
  }
})

t.test('a tree of the image that was damaged is not gone on with', async (t) => {
  const it = guest(t)
  it.put(`${treeOf(manifest.revision)}/trove/cmd/guest.py`, 'def main(): evil\n')
  const said = await run(it)
  t.match(said.join('\n'), /fetch failed HOST_SILENT/)
  t.notMatch(said.join('\n'), /fetch done|start-agent/)
})

t.test('what is laid is what the manifest promises', (t) => {
  const laid = layTree(manifest, CONTENTS)
  const file = laid.find(({ path }) => path === `${treeOf(manifest.revision)}/trove/cmd/guest.py`)
  const entry = manifest.entries.find(({ path }) => path === 'trove/cmd/guest.py')
  if (file?.kind !== 'file' || !('bytes' in file.content) || entry?.type !== 'file') throw new Error('expected a file')
  t.equal(createHash('sha256').update(file.content.bytes).digest('hex'), entry.sha256)
  t.match(laid.find(({ path }) => path === GUEST.currentSource), { kind: 'link', target: manifest.revision })
  const seen = new Set<string>()
  for (const { path } of laid) {
    t.notOk(seen.has(path), `${path} once`)
    seen.add(path)
  }
  t.end()
})
