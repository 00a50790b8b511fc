import t from 'tap'
import { novaConsoleCollector } from '../../../diagnosis/collect/nova-console.ts'
import { standInCloud } from '../../openstack/stand-in-cloud.ts'
import { lookBeside, NOVA, SERVER, TROVE_SEEN } from './openstack/recorded.ts'

const ACTION = `POST ${NOVA}/servers/${SERVER}/action`

t.test('the end of the console, as plain lines', async (t) => {
  const output = '\u001b[0;32m  OK  \u001b[0m] Reached target\r\n\r\n[   12.3] kernel\r\r\n50 %\rlogin: \u001b[6n\n'
  const { cloud, asked } = await standInCloud(t, { [ACTION]: () => ({ output }) })
  t.same((await lookBeside(novaConsoleCollector(cloud), TROVE_SEEN)).seen, { from: 'Nova', lines: ['  OK  ] Reached target', '[   12.3] kernel', '50 %', 'login:'] })
  t.match(asked[1], { body: { 'os-getConsoleOutput': { length: 2000 } }, headers: { 'openstack-api-version': 'compute 2.47' } })
})

t.test('the server may come from Nova’s collector too', async (t) => {
  const { cloud } = await standInCloud(t, { [ACTION]: () => ({ output: 'x' }) })
  const nova = { server: { id: SERVER, status: 'ACTIVE', addresses: [] } }
  t.same((await lookBeside(novaConsoleCollector(cloud), { trove: { from: 'database' }, nova })).seen.lines, ['x'])
})

t.test('more than the evidence holds is cut at its beginning', async (t) => {
  const { cloud } = await standInCloud(t, { [ACTION]: () => ({ output: Array.from({ length: 5000 }, (_, i) => `line ${i} ${'x'.repeat(i === 4999 ? 9000 : 0)}`).join('\n') }) })
  const { lines } = (await lookBeside(novaConsoleCollector(cloud), TROVE_SEEN)).seen
  t.equal(lines.length, 2000)
  t.equal(lines[0], 'line 3000')
  t.equal(lines.at(-1)!.length, 2000)
})

t.test('an empty console, no server and a refusal are told apart', async (t) => {
  const { cloud } = await standInCloud(t, { [ACTION]: () => ({ output: '\r\n' }) })
  await t.rejects(lookBeside(novaConsoleCollector(cloud), TROVE_SEEN), { name: 'CannotSee', message: /^Nova's console of server \S+ is empty/ })
  await t.rejects(lookBeside(novaConsoleCollector(cloud)), { name: 'CannotSee', message: 'no server of this instance is known' })
  const refusing = await standInCloud(t, { [ACTION]: async (_, reply) => reply.code(409).send({ conflictingRequest: { code: 409, message: 'Instance is not ready' } }) })
  await t.rejects(lookBeside(novaConsoleCollector(refusing.cloud), TROVE_SEEN), { name: 'CannotSee', message: `Nova answers POST /servers/${SERVER}/action with 409: Instance is not ready` })
})

t.test('a guest that sends nothing but returns is read at once', async (t) => {
  const { cloud } = await standInCloud(t, { [ACTION]: () => ({ output: `${'\r'.repeat(300_000)}the end` }) })
  const began = performance.now()
  t.same((await lookBeside(novaConsoleCollector(cloud), TROVE_SEEN)).seen.lines.map((line) => line.trim()), ['the end'])
  t.ok(performance.now() - began < 5000)
})
