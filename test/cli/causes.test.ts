import t from 'tap'
import { registerCauses } from '../../cli/causes.ts'
import { catalogue } from '../../diagnosis/catalogue.ts'
import { runVerb } from './run-verb.ts'

const causes = (...argv: string[]) => runVerb(t, registerCauses, '/nowhere', 'causes', ...argv)

t.test('causes lists every cause with id, name and its whole title, phase by phase, and what cannot be seen', async (t) => {
  const { exitCode, stdout } = await causes()
  t.equal(exitCode, 0)
  const flat = `\n${stdout}`.replace(/\n {10,}/g, ' ')
  for (const { id, name, phase, title } of catalogue) t.ok(flat.slice(flat.indexOf(`\n${phase}\n`)).split('\n').some((line) => line.startsWith(`  ${id.padEnd(4)} ${name} `) && line.endsWith(`  ${title}`)), id)
  t.match(stdout, /\nNot seen by diagnose, and why:\n {2}B9 +the build of an image/)
  t.ok(stdout.split('\n').every((line) => line.length <= 100))
})

t.test('causes shows one in full, by id or by name, in any case', async (t) => {
  const { stdout } = await causes('g2')
  t.match(stdout, /^G2 rabbitmq-login-refused: .+\n\n {2}phase +reach-rabbitmq\n {2}shows +.+\n[^]* {2}seen in +.+\n {2}symptom of +F3 transport-url-missing, [^]* {2}mend +rabbitmqctl change_password/)
  t.equal((await causes('Rabbitmq-Login-Refused')).stdout, stdout)
  t.match(await causes('b9'), { exitCode: 0, stdout: /^B9 cannot be seen by diagnose: / })
})

t.test('causes --json is the same for programs', async (t) => {
  const all = JSON.parse((await causes('--json')).stdout) as { causes: { id: string }[]; unseen: { id: string }[] }
  t.same(all.causes.map(({ id }) => id), catalogue.map(({ id }) => id))
  t.match(all.unseen, [{ id: 'B9' }])
  t.match(JSON.parse((await causes('G2', '--json')).stdout), { id: 'G2', name: 'rabbitmq-login-refused', needs: ['console'] })
})

t.test('an id that there is not is told with the nearest, in one line', async (t) => {
  t.match(await causes('rabitmq-login-refused'), { exitCode: 1, stdout: '', told: 'there is no cause "rabitmq-login-refused"; the nearest is rabbitmq-login-refused\n  trovestrap causes      lists them' })
  t.match(await causes('login'), { told: /the nearest is .*login/ })
  t.match(await causes('G99'), { told: /the nearest is G\d/ })
  t.match(await causes('\u001b[31m'), { exitCode: 1, told: /^there is no cause "\\u001b\[31m"; expected an id such as G2, or a name\n/ })
})
