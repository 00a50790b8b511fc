import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { consoleFileCollector } from '../../../diagnosis/collect/console-file.ts'
import { look } from './context.ts'

t.test('the end of the console is kept, without colours and empty lines', async (t) => {
  const path = join(t.testdir(), 'console.log')
  writeFileSync(path, '[  OK  ] Started \u001b[0;1;39mcloud-init\u001b[0m.\r\n\r\n\u001b[2Jlogin: ')
  t.same((await look(consoleFileCollector(path))).seen, { from: path, lines: ['[  OK  ] Started cloud-init.', 'login:'] })
})

t.test('what our daemon said is kept from further back than the rest, in its order', async (t) => {
  const path = join(t.testdir(), 'console.log')
  const noise = Array.from({ length: 5000 }, (_, at) => `[${at}] docker0: port 1 entered forwarding state`)
  const ours = (seq: number) => `trovestrap[412]: stage=enrol state=failed code=HOST_SILENT attempt=${seq}`
  writeFileSync(path, [ours(1), ...noise, ours(2), ...noise, ours(3), 'the end', ''].join('\r\n'))
  const { lines } = (await look(consoleFileCollector(path))).seen
  t.equal(lines.length, 602)
  t.same([lines[0], lines[1], lines.at(-2), lines.at(-1)], [ours(1), ours(2), ours(3), 'the end'])
})

t.test('a guest that says the same for days fills neither memory nor the evidence', async (t) => {
  const path = join(t.testdir(), 'console.log')
  writeFileSync(path, Array.from({ length: 100_000 }, (_, at) => `trovestrap[412]: stage=enrol state=failed attempt=${at}\n`).join(''))
  const { lines } = (await look(consoleFileCollector(path))).seen
  t.equal(lines.length, 1200)
  t.match(lines.at(-1), /attempt=99999$/)
})

t.test('a console that is not there is named with the reason', async (t) => {
  await t.rejects(look(consoleFileCollector('/no/such/console.log')), { name: 'CannotSee', message: '/no/such/console.log: no such file or directory' })
})
