import { join } from 'node:path'
import t, { type Test } from 'tap'
import { registerForget } from '../../cli/forget.ts'
import { registerInit } from '../../cli/init.ts'
import { registerToken } from '../../cli/token.ts'
import { openStore } from '../../host-server/store/open-store.ts'
import { runVerb } from './run-verb.ts'

const ONE = '11111111-1111-4111-8111-111111111111'

async function host(t: Test) {
  const dir = t.testdir({})
  const [config, state] = [join(dir, 'config.yaml'), join(dir, 'state')]
  await runVerb(t, registerInit, config, 'init', '--name', 'controller', '--state', state)
  return {
    database: join(state, 'trovestrap.sqlite'),
    token: (...argv: string[]) => runVerb(t, registerToken, config, 'token', ...argv),
    forget: (...argv: string[]) => runVerb(t, registerForget, config, 'forget', ...argv),
  }
}

t.test('token create prints the token and nothing else', async (t) => {
  const { token } = await host(t)
  t.match(await token('create'), { exitCode: 0, stdout: /^[a-z0-9]{6}\.[a-z0-9]{16}\n$/ })
})

t.test('token list shows every token, and no secret', async (t) => {
  const { token } = await host(t)
  const made = JSON.parse((await token('create', '--ttl', '12h', '--uses', '1', '--description', 'for db-1', '--json')).stdout) as Record<'id' | 'token', string>
  const { stdout } = await token('list')
  t.match(stdout, /^ID +STATE +USES +MADE +IMAGE +DESCRIPTION\n[a-z0-9]{6} +opens for (29|30) d +0 +\d{4}-\d\d-\d\d \d\d:\d\d +any +made by init\n/)
  t.match(stdout, new RegExp(`\n${made.id}  opens for (11|12) h +0 of 1 +.*  for db-1\n`))
  const listed = JSON.parse((await token('list', '--json')).stdout) as { tokens: { id: string }[] }
  t.match(listed.tokens[1], { id: made.id, uses: 0, max_uses: 1, description: 'for db-1' })
  t.notMatch(stdout + JSON.stringify(listed), made.token.split('.')[1]!)
})

t.test('token revoke ends a token, by its id or the whole of it', async (t) => {
  const { token } = await host(t)
  const text = (await token('create')).stdout.trim()
  const [id, secret] = text.split('.') as [string, string]
  const revoked = await token('revoke', text)
  t.match(revoked, { exitCode: 0, stdout: `token ${id} is revoked\n` })
  t.notMatch(revoked.stdout, secret)
  t.match((await token('list')).stdout, new RegExp(`${id}  revoked`))
  t.match(await token('revoke', 'zzzzzz'), { exitCode: 1, told: 'there is no token with the id zzzzzz.\n  trovestrap token list  shows them' })
})

t.test('durations and numbers that are none are refused with what was expected', async (t) => {
  const { token } = await host(t)
  t.match(await token('create', '--ttl', '30'), { exitCode: 2, told: /expected a number with its unit s, m, h or d/ })
  t.match(await token('create', '--uses', '0'), { exitCode: 2, told: /expected a number from 1 up/ })
})

t.test('forget drops an enrolment, --revoke refuses it from now on', async (t) => {
  const { database, forget } = await host(t)
  const store = openStore(database)
  t.teardown(() => store.close())
  const enrol = (key: string) =>
    store.instances.enrol({ instance: ONE, admitted: 'a test', key: key.repeat(64), expires: new Date(Date.now() + 1e6), address: '10.0.2.15' }, new Date())
  enrol('a')
  t.match(await forget(ONE.toUpperCase()), { exitCode: 0, stdout: `instance ${ONE} is forgotten; it may enrol again as a new one\n` })
  t.equal(enrol('b'), 'new')
  t.match(await forget(ONE, '--revoke'), { exitCode: 0 })
  t.equal(enrol('b'), 'revoked')
  t.match(await forget('33333333-3333-4333-8333-333333333333'), { exitCode: 1, told: /is not enrolled here/ })
  t.match(await forget('db-1'), { exitCode: 2, told: 'expected the id of an instance, a UUID.' })
})

t.test('without a state the verbs say what to type', async (t) => {
  const dir = t.testdir({ 'config.yaml': 'names: [a]\nsource: { path: tree }\nstate: state\n' })
  t.match(await runVerb(t, registerToken, join(dir, 'config.yaml'), 'token', 'list'), {
    exitCode: 2,
    told: `${dir}/state is not initialised.\n  trovestrap init        makes keys, first token and database`,
  })
})
