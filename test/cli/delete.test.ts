import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { registerDelete } from '../../cli/delete.ts'
import { registerInit } from '../../cli/init.ts'
import { openStore } from '../../host-server/store/open-store.ts'
import { PROJECT, standInCloud, type Answering } from '../openstack/stand-in-cloud.ts'
import { runVerb } from './run-verb.ts'
import { standInCloudsFile } from './stand-in-clouds-file.ts'

const ID = '3f744523-437f-442a-929b-c7274d737d60'
const ONE = { id: ID, name: 'db-1', status: 'ACTIVE', tenant_id: PROJECT }
const TROVE = `/v1.0/${PROJECT}`

/** A Trove with one instance, whose port and queue nobody takes away, and a host-server's state on this host. */
async function world(t: Test, { status = 'ACTIVE', roles = ['admin'], changed = {} }: { status?: string; roles?: string[]; changed?: Record<string, Answering> } = {}) {
  let there = true
  let port = true
  let now = status
  const stand = await standInCloud(
    t,
    {
      [`GET ${TROVE}/instances/detail`]: () => ({ instances: there ? [{ ...ONE, status: now }] : [] }),
      [`GET ${TROVE}/mgmt/instances`]: () => ({ instances: [{ ...ONE, deleted: !there }] }),
      [`DELETE ${TROVE}/instances/${ID}`]: async (_, reply) => ((there = false), await reply.code(202).send()),
      [`POST ${TROVE}/instances/${ID}/action`]: async (_, reply) => ((now = 'ACTIVE'), await reply.code(202).send()),
      'GET /compute/v2.1/servers/detail': () => ({ servers: [] }),
      'GET /networking/v2.0/ports': () => ({ ports: there || !port ? [] : [{ id: 'p1', status: 'DOWN', network_id: 'n', fixed_ips: [{ ip_address: '10.98.0.12' }] }] }),
      'DELETE /networking/v2.0/ports/p1': async (_, reply) => ((port = false), await reply.code(204).send()),
      'GET /networking/v2.0/extensions': () => ({ extensions: [] }),
      'GET /networking/v2.0/floatingips': () => ({ floatingips: [] }),
      'GET /networking/v2.0/security-group-rules': () => ({ security_group_rules: [] }),
      'GET /networking/v2.0/security-groups': () => ({ security_groups: [] }),
      [`GET /volume/v3/${PROJECT}/volumes/detail`]: () => ({ volumes: [] }),
      ...changed,
    },
    { roles },
  )
  standInCloudsFile(t, stand)
  const dir = t.testdir({})
  const [config, state, conf] = [join(dir, 'config.yaml'), join(dir, 'state'), join(dir, 'trove.conf')]
  writeFileSync(conf, '[DEFAULT]\ntransport_url = rabbit://trove:hunter2@127.0.0.1:1/trove\n')
  await runVerb(t, registerInit, config, 'init', '--name', 'controller', '--state', state)
  const enrolled = (): boolean => {
    const store = openStore(join(state, 'trovestrap.sqlite'))
    try {
      return store.instances.get(ID) !== undefined
    } finally {
      store.close()
    }
  }
  const store = openStore(join(state, 'trovestrap.sqlite'))
  store.instances.enrol({ instance: ID, admitted: 'a test', key: 'a'.repeat(64), expires: new Date(Date.now() + 1e6), address: '10.0.2.15' }, new Date())
  store.close()
  t.capture(process.stderr, 'write', () => true)
  const changes = (): string[] => stand.asked.filter(({ method, url }) => method !== 'GET' && !url.endsWith('/tokens')).map(({ method, url }) => `${method} ${url.replace(TROVE, '')}`)
  return { changes, enrolled, del: (...words: string[]) => runVerb(t, registerDelete, config, 'delete', ...words, '--trove-conf', conf) }
}

t.test('a plan says what would be done, and nothing is', async (t) => {
  const { del, changes, enrolled } = await world(t)
  t.match(await del('db-1', '--plan'), { exitCode: 0, stdout: /^db-1 \(3f744523-.*\), ACTIVE:\n  Trove deletes it, .*\n  host-server's record of it .*\n  what is left is looked for in this host, .*RabbitMQ, and named\nNothing was deleted: --plan\.\n$/ })
  t.same(changes(), [])
  t.ok(enrolled())
})

t.test('what is left is named with what to type, and removed on request; our record of it is forgotten', async (t) => {
  const { del, changes, enrolled } = await world(t)
  const { exitCode, stdout } = await del('db-1')
  t.equal(exitCode, 0)
  t.equal(
    stdout,
    `db-1 is deleted; host-server has forgotten it and its credential.
Left behind:
  port p1 (10.98.0.12)
      openstack port delete p1
  trovestrap delete ${ID} --remove-left-over      removes it
not looked: RabbitMQ: connection refused: 127.0.0.1:1
`,
  )
  t.notOk(enrolled())
  t.same(changes(), [`DELETE /instances/${ID}`])
  t.match(await del(ID, '--remove-left-over'), { exitCode: 0, stdout: /^db-1 \(3f744523-.*\) was gone already\.\n  removed: port p1 \(10\.98\.0\.12\)\n/ })
  t.match(await del('db-1', '--remove-left-over'), { exitCode: 0, stdout: /^db-1 \(3f744523-.*\) was gone already\.\nNothing of it is left\.\n/ })
  t.same(changes(), [`DELETE /instances/${ID}`, 'DELETE /networking/v2.0/ports/p1'])
})

t.test('what cannot be removed stays with its reason, and that is a failure', async (t) => {
  const { del } = await world(t, { changed: { 'DELETE /networking/v2.0/ports/p1': async (_, reply) => reply.code(409).send({ NeutronError: { message: 'Port p1 cannot be deleted directly' } }) } })
  t.match(await del('db-1', '--remove-left-over'), { exitCode: 1, stdout: /  stays: port p1 \(10\.98\.0\.12\): .* with 409: Port p1 cannot be deleted directly\n +openstack port delete p1\n/ })
})

t.test('records are kept on request; --no-wait asks and goes', async (t) => {
  const { del, enrolled, changes } = await world(t)
  t.match(await del('db-1', '--no-wait'), { exitCode: 0, stdout: /^Trove deletes db-1\.\n/ })
  t.ok(enrolled())
  t.match(await del(ID, '--keep-records', '--json'), { exitCode: 0 })
  t.ok(enrolled())
  t.equal(changes().length, 1)
})

t.test('--json is for programs', async (t) => {
  const { del } = await world(t)
  t.match(JSON.parse((await del('db-1', '--json')).stdout), { id: ID, name: 'db-1', deleted: true, forgotten: true, left: [{ what: 'port p1 (10.98.0.12)', command: 'openstack port delete p1' }], not_looked: [/^RabbitMQ: /], removed: [], stay: [] })
})

t.test('one that is being built wants --force, which resets it first', async (t) => {
  const { del, changes, enrolled } = await world(t, { status: 'BUILD' })
  t.match(await del('db-1'), { exitCode: 1, told: /^Trove deletes no instance that it is building, and db-1 is\.\n  trovestrap delete .* --force/ })
  t.ok(enrolled())
  t.match(await del('db-1', '--force'), { exitCode: 0 })
  t.same(changes(), [`POST /instances/${ID}/action`, `DELETE /instances/${ID}`])
})

t.test('who is no admin hears of an id that is not his that it may be another one\'s, and nothing on this host is touched', async (t) => {
  const { del, enrolled } = await world(t, { roles: ['member'], changed: { [`GET ${TROVE}/instances/detail`]: () => ({ instances: [] }) } })
  t.match(await del(ID, '--remove-left-over'), { exitCode: 0, stdout: /^3f744523-.* is not this project's: it is gone, or another project's\.\n/ })
  t.ok(enrolled())
  t.match(await del('db-1'), { exitCode: 1, told: /^project admin has no instance called db-1/ })
})
