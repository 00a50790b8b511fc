import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { troveManage, troveManageText } from '../../../publish/apply/trove-manage.ts'

const STOP = new AbortController().signal

/** A program of that name in front of all others, or no other at all. */
function installed(t: Test, script: string | undefined, beside: Parameters<Test['testdir']>[0] = {}): string {
  const dir = t.testdir(beside)
  const path = process.env['PATH']!
  t.teardown(() => (process.env['PATH'] = path))
  process.env['PATH'] = script === undefined ? dir : `${dir}:${path}`
  if (script !== undefined) {
    writeFileSync(join(dir, 'trove-manage'), script)
    chmodSync(join(dir, 'trove-manage'), 0o755)
  }
  return dir
}

t.test('what trove-manage says decides, not its exit code', async (t) => {
  installed(t, "#!/bin/sh\necho \"Datastore version '9.9' cannot be found.\"\n")
  await t.rejects(troveManage('/etc/trove/trove.conf', ['datastore_update', 'mysql', '9.9'], STOP), { name: 'Failure', message: /was not done: Datastore version '9\.9' cannot be found\.\n {2}trove-manage --config-file=\/etc\/trove\/trove\.conf datastore_update mysql 9\.9$/ })
  installed(t, '#!/bin/sh\necho "Datastore \'mysql\' updated."\n')
  await troveManage('/etc/trove/trove.conf', ['datastore_update', 'mysql', ''], STOP)
})

t.test('an error after the words of success is an error', async (t) => {
  installed(t, '#!/bin/sh\necho "Loading config parameters for datastore (mysql) version (8.0)"; echo "DatastoreVersionNotFound" >&2; exit 1\n')
  await t.rejects(troveManage('t.conf', ['db_load_datastore_config_parameters', 'mysql', '8.0', 'rules.json'], STOP), { message: /DatastoreVersionNotFound/ })
})

t.test('a host without it is told what to type on the host of Trove', async (t) => {
  installed(t, undefined)
  await t.rejects(troveManage('/etc/trove/trove.conf', ['datastore_update', 'mysql', ''], STOP), { message: /is not on this host.*\n {2}on the host of Trove: {2}trove-manage --config-file=\/etc\/trove\/trove\.conf datastore_update mysql ''\n/ })
})

t.test('one whose Python lacks getargspec is run by its own Python, with it', async (t) => {
  // the package as Debian 12 has it: `inspect.getargspec` is asked for when it does its work
  const trove = { '__init__.py': '', cmd: { '__init__.py': '', 'manage.py': 'import inspect, sys\ndef main():\n  inspect.getargspec(main)\n  print("Datastore \'%s\' updated." % sys.argv[-2])\n' } }
  const dir = installed(t, '#!/usr/bin/python3\nfrom trove.cmd.manage import main\nmain()\n', { trove })
  process.env['PYTHONPATH'] = dir
  t.teardown(() => delete process.env['PYTHONPATH'])
  await troveManage('t.conf', ['datastore_update', 'mysql', ''], STOP)
})

t.test('words are shown as a shell takes them', async (t) => {
  t.equal(troveManageText('/t.conf', ['datastore_update', "it's", '']), "trove-manage --config-file=/t.conf datastore_update 'it'\\''s' ''")
})
