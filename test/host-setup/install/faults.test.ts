import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { configurationFaults } from '../../../host-setup/install/faults.ts'
import { CommandError, runCommand, type Run } from '../../../host-setup/run-command.ts'
import { newSettingsFile } from '../../../host-server/settings/new-file.ts'

const GUEST = '[DEFAULT]\ntransport_url = rabbit://trove:secret@10.0.0.9:5672/\ncontrol_exchange = trove\n'
const TROVE = '[DEFAULT]\ntransport_url = rabbit://trove:secret@10.0.0.9:5672/\ncontrol_exchange = trove\n'

/** setpriv as it answers for a user who may not read these. */
const closed =
  (...paths: string[]): Run =>
  async (command) => {
    if (paths.some((path) => command.args.includes(path))) throw new CommandError(command, '', 1)
    return ''
  }

t.test('what the configuration lacks and what its user may not read is told, all of it', async (t) => {
  const dir = t.testdir({ trove: {}, 'guest.conf': GUEST, 'trove.conf': TROVE })
  const file = join(dir, 'config.yaml')
  const [source, guest] = [join(dir, 'trove'), join(dir, 'guest.conf')]
  const text = newSettingsFile({ names: ['controller'], state: join(dir, 'state') })
  writeFileSync(file, text)
  t.match(await configurationFaults(file, 'trovestrap', closed()), [
    { key: 'source.path', problem: /\/opt\/stack\/trove does not exist/ },
    { key: 'guest_config.path', problem: /does not exist/ },
  ])
  writeFileSync(file, text.replace('/opt/stack/trove\n', `${source}\n`).replace('/etc/trove/trove-guestagent.conf', guest).replace('# trove_conf: /etc/trove/trove.conf', `trove_conf: ${join(dir, 'trove.conf')}`))
  t.same(await configurationFaults(file, 'trovestrap', closed()), [])
  t.match(await configurationFaults(file, 'hosts', closed(guest)), [{ key: 'guest_config.path', problem: `${guest} is not readable by user hosts: sudo -u hosts ls ${guest}` }])
  t.equal((await configurationFaults(file, 'hosts', closed(guest, source))).length, 2)
  writeFileSync(join(dir, 'trove.conf'), TROVE.replace('= trove', '= openstack'))
  t.match(await configurationFaults(file, 'hosts', closed()), [{ key: '[DEFAULT] control_exchange', problem: /expected openstack as in trove\.conf/ }])
  writeFileSync(guest, 'no section')
  t.match(await configurationFaults(file, 'hosts', closed()), [{ key: 'guest_config' }])
  writeFileSync(file, 'names: [')
  t.match(await configurationFaults(file, 'hosts', closed()), [{ key: /^line/ }])
})

t.test('a real user without rights is asked about by setpriv', async (t) => {
  if (process.getuid!() !== 0) return t.pass('only root can become somebody else')
  const dir = t.testdir({ trove: {}, 'guest.conf': '' })
  const file = join(dir, 'config.yaml')
  writeFileSync(file, `names: [a]\nsource: { path: /root }\nguest_config: { path: /etc/shadow, trove_conf: /nowhere }\n`)
  t.match(await configurationFaults(file, 'nobody', runCommand), [{ key: 'source.path' }, { key: 'guest_config.path' }])
  writeFileSync(file, `names: [a]\nsource: { path: /usr }\nguest_config: { path: /etc/passwd, trove_conf: /nowhere }\n`)
  t.same((await configurationFaults(file, 'nobody', runCommand)).filter(({ key }) => key.endsWith('.path')), [])
})
