import t from 'tap'
import { exposuresOnHost } from '../../cli/exposures-on-host.ts'
import { setUpHost } from '../../cli/set-up-host.ts'

t.test('who is not root is given what was typed behind sudo, with what tells the cloud', async (t) => {
  t.intercept(process, 'getuid', { value: () => 1000 })
  t.intercept(process, 'argv', { value: ['node', 'trovestrap', 'install', '--root', '/mnt/my image', '--plan'] })
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^OS_|^TROVESTRAP_CONFIG$/.test(name)))
  t.intercept(process, 'env', { value: env, writable: true })
  const told = async (): Promise<string> => await setUpHost(async () => 'done').catch((error: Error) => error.message)
  t.equal(await told(), "this is for root alone.\n  sudo trovestrap install --root '/mnt/my image' --plan")
  Object.assign(env, { OS_CLOUD: 'lab', OS_PASSWORD: 'hunter2', OSTYPE: 'linux' })
  t.equal(await told(), "this is for root alone.\n  sudo --preserve-env=OS_CLOUD,OS_PASSWORD trovestrap install --root '/mnt/my image' --plan", 'the names, never the values')
})

t.test('rules of this host: none without a configuration, unknown with one that cannot be read', async (t) => {
  t.same(exposuresOnHost({ client: 'no configuration file here' }, 'x'), [])
  t.throws(() => exposuresOnHost({ settingsFile: '/etc/trovestrap/config.yaml', client: 'it is not readable by user joe' }, 'x'), { message: 'it is not readable by user joe' })
})
