import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import t from 'tap'
import { registerImageCheck } from '../../cli/image-check.ts'
import { scratch, smallImage } from '../image-builder/small-image.ts'
import { runVerb } from './run-verb.ts'

const register = (program: Command): void => registerImageCheck(program.command('image'))
const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')
const folder = scratch(t.teardown)
const image = smallImage(folder, { tree: { 'root/trove-installed': '', 'etc/cloud/cloud.cfg.d/x.cfg': 'datasource_list: [None]\n' } })

t.test('a configuration that is named and not there is told, and nothing is checked', async (t) => {
  const { exitCode, stdout, told } = await runVerb(t, register, join(folder, 'none.yaml'), 'image', 'check', image)
  t.match({ exitCode, stdout, told }, { exitCode: 2, stdout: '', told: /none\.yaml/ })
})

t.test('findings for people and programs, exit code 1, and the image is as it was', async (t) => {
  const before = digest(image)
  const config = join(folder, 'trovestrap.yaml')
  const source = t.testdir({ 'setup.cfg': '[metadata]\npython-requires = >=3.99\n', 'trove.conf': '[DEFAULT]\ninjected_config_owner = root\n' })
  writeFileSync(config, `listen: {address: 127.0.0.1, port: 15555}\nnames: [127.0.0.1]\nstate: ${join(folder, 'state')}\nsource: {path: ${source}}\nguest_config: {path: ${join(source, 'trove.conf')}, trove_conf: ${join(source, 'trove.conf')}}\n`)
  const people = await runVerb(t, register, config, 'image', 'check', image)
  t.equal(people.exitCode, 1)
  t.match(people.stdout, /error +B5 trove-marker\n.*\/root\/trove-installed/)
  t.match(people.stdout, /errors?.*\n$/)
  t.match(people.told, /not fit to be booted/)

  const programs = await runVerb(t, register, config, 'image', 'check', image, '--json', '--injected-owner', 'nobody')
  t.equal(programs.exitCode, 1)
  const codes = (JSON.parse(programs.stdout) as { code: string }[]).map(({ code }) => code)
  t.ok(codes.includes('injected-owner-missing'))
  t.notOk(people.stdout.includes('injected-owner-missing'), 'the owner is the one of trove.conf')
  t.ok(codes.includes('no-usable-datasource'))
  t.equal(digest(image), before)
})

t.test('what is no image is refused', async (t) => {
  const file = join(folder, 'text')
  writeFileSync(file, 'x'.repeat(100_000))
  const config = join(folder, 'trovestrap.yaml')
  t.match(await runVerb(t, register, config, 'image', 'check', file), { exitCode: 2, stdout: '' })
})
