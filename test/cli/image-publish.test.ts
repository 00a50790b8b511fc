import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { registerImage } from '../../cli/image.ts'
import { buildProgram } from '../../cli/main.ts'
import { runVerb } from './run-verb.ts'

/** A person whose home has no cloud, unless a file of clouds is given. */
async function person(t: Test, clouds?: string) {
  const dir = t.testdir({ 'x.qcow2': Buffer.alloc(1024) })
  const kept = { ...process.env }
  t.teardown(() => void (process.env = kept))
  process.env = Object.fromEntries(Object.entries(kept).filter(([name]) => !name.startsWith('OS_') && name !== 'TROVESTRAP_CONFIG'))
  process.env['HOME'] = dir
  if (clouds !== undefined) {
    process.env['OS_CLIENT_CONFIG_FILE'] = join(dir, 'clouds.yaml')
    writeFileSync(join(dir, 'clouds.yaml'), clouds)
  }
  const words = ['image', 'publish', join(dir, 'x.qcow2'), '--datastore', 'mysql', '--version', '8.0']
  return (...more: string[]) => runVerb(t, registerImage, join(dir, 'none.yaml'), ...words, ...more)
}

t.test('without a cloud it is said where one is looked for, and what to type', async (t) => {
  const publish = await person(t)
  t.match(await publish(), { exitCode: 2, told: /^no cloud is known here: there is no clouds\.yaml, and no OS_AUTH_URL is set\.\n {2}export OS_CLOUD=NAME/ })
})

t.test('a cloud that the file does not have is named with those that it has', async (t) => {
  const publish = await person(t, 'clouds: {lab: {auth: {auth_url: "http://127.0.0.1:1/v3", username: u, password: p, project_name: p}}}')
  t.match(await publish('--os-cloud', 'other'), { exitCode: 2, told: /has no cloud "other"; it has lab/ })
})

t.test('words that do not fit are refused before anything is asked', async (t) => {
  const publish = await person(t, 'clouds: {lab: {auth: {auth_url: "http://127.0.0.1:1/v3", username: u, password: p, project_name: p}}}')
  t.match(await publish('--property', 'novalue'), { exitCode: 2, told: /expected KEY=VALUE/ })
  t.match(await publish('--older', 'burn'), { exitCode: 2, told: /keep, deactivate/ })
})

t.test('what it says to type next is taken', async (t) => {
  const text = readFileSync(new URL('../../cli/image-publish.ts', import.meta.url), 'utf8')
  const words = /trovestrap (launch NAME [^`\\]*)/.exec(text)![1]!.replaceAll(/\$\{[^}]*\}/g, '8.0').replace('GIB', '2').split(' ')
  const program = await buildProgram(words)
  program.commands[0]!.action(() => {})
  await program.parseAsync(words, { from: 'user' })
  t.match(program.commands[0]!.opts(), { version: '8.0', size: 2, wait: true })
})

t.test("--version behind the verb is the database's, not ours", async (t) => {
  const { options } = await buildProgram(['image', 'publish', 'x', '--version', '8.0'])
  t.notOk(options.some(({ long }) => long === '--version'))
  t.ok((await buildProgram([])).options.some(({ long }) => long === '--version'))
})
