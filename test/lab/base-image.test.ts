import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { packageNames } from '../../lab/base-image.ts'
import { run } from '../../lab/run.ts'

const RECIPE = join(import.meta.dirname, '..', '..', 'lab', 'base-image')

t.test('a package list is read without its reasons and comments', async (t) => {
  t.same(packageNames('# why\n\nsudo   calls\nlibstdc++6  \n'), ['sudo', 'libstdc++6'])
})

t.test('guests have all that python3-trove depends on, except what they are to fetch and what builds images', async (t) => {
  const shown = await run(['apt-cache', 'show', '--no-all-versions', 'python3-trove'])
  const depends = /^Depends: (.*)$/m.exec(shown)![1]!.split(', ').map((dependency) => dependency.replace(/[ :].*$/, ''))
  const guest = packageNames(await readFile(join(RECIPE, 'guest-packages.txt'), 'utf8'))
  t.same(depends.filter((name) => !guest.includes(name) && name !== 'python3').sort(), ['python3-diskimage-builder', 'python3-passlib'])
})

t.test('guests have no Trove of their own', async (t) => {
  const guest = packageNames(await readFile(join(RECIPE, 'guest-packages.txt'), 'utf8'))
  t.same(guest.filter((name) => /^(python3-)?trove/.test(name)), ['python3-troveclient'])
})
