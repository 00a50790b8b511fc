import t from 'tap'
import { OsloConfig } from '../../../contract/oslo-config.ts'
import { account, databaseUrl } from '../../../lab/cloud/accounts.ts'
import { osloConf } from '../../../lab/cloud/oslo-conf.ts'
import { troveConf } from '../../../lab/cloud/trove-conf.ts'

t.test('what is written is what oslo.config reads; what is undefined is left out', async (t) => {
  const read = OsloConfig.parse(osloConf({ DEFAULT: { debug: true, workers: 1, host: undefined }, database: { connection: 'sqlite://' } }), 'test')
  t.equal(read.get('DEFAULT', 'debug'), 'true')
  t.equal(read.get('DEFAULT', 'workers'), '1')
  t.equal(read.get('DEFAULT', 'host'), undefined)
  t.equal(read.get('database', 'connection'), 'sqlite://')
})

t.test("trove.conf has the operator's settings, and login and tables are Trove's own", async (t) => {
  const own = account('trove')
  const text = troveConf({ dir: '/d', own, transportUrl: account('control').password, managementNetwork: 'net-1', guestAgentConf: '/etc/trove/trove-guestagent.conf' })
  const read = OsloConfig.parse(text, 'trove.conf')
  t.equal(read.get('DEFAULT', 'injected_config_owner'), 'root')
  t.equal(read.get('DEFAULT', 'management_networks'), 'net-1')
  t.equal(read.get('DEFAULT', 'guest_config'), '/etc/trove/trove-guestagent.conf')
  t.equal(read.get('database', 'connection'), databaseUrl(own))
  t.equal(read.get('keystone_authtoken', 'username'), 'trove')
  t.equal(read.get('service_credentials', 'auth_type'), undefined, 'which Trove does not know there')
})
