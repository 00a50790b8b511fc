import t from 'tap'
import { agentConfigOf } from '../../../../diagnosis/collect/guest/agent-config.ts'

const dump = (files: Record<string, string>) => Object.entries(files).map(([path, text], index) => `${index === 0 ? '' : '\n'}==> ${path} <==\n${text}`).join('')
const DIR = '/etc/trove/conf.d'

t.test('files count in the order in which oslo.config reads them; /etc/guest_info before all', async (t) => {
  const { config, transport, config_faults } = agentConfigOf(
    dump({
      [`${DIR}/trovestrap.conf`]: '[DEFAULT]\ntransport_url = rabbit://trove:pw-one@10.0.0.1:5672/trove\ncontrol_exchange = trove\n',
      [`${DIR}/guest_info.conf`]: '[DEFAULT]\nguest_id = 1\n[MySQL]\ndevice_path=/dev/vdb\n',
      '/etc/guest_info': '[DEFAULT]\nguest_id = 0\n',
      [`${DIR}/zz.conf`]: '[DEFAULT]\ntransport_url = rabbit://guest:pw-two@[fd00::1],b:pw@host2:5671//v\n',
    }),
  )
  t.same(
    config.map(({ section, option, value, file }) => [section, option, value, file.split('/').at(-1)]),
    [
      ['DEFAULT', 'guest_id', '0', 'guest_info'],
      ['DEFAULT', 'guest_id', '1', 'guest_info.conf'],
      ['mysql', 'device_path', '/dev/vdb', 'guest_info.conf'],
      ['DEFAULT', 'transport_url', '***', 'trovestrap.conf'],
      ['DEFAULT', 'control_exchange', 'trove', 'trovestrap.conf'],
      ['DEFAULT', 'transport_url', '***', 'zz.conf'],
    ],
  )
  t.same(transport, { hosts: [{ host: 'fd00::1', port: 5672, user: 'guest' }, { host: 'host2', port: 5671, user: 'b' }], vhost: '/v', file: `${DIR}/zz.conf` })
  t.same(config_faults, [])
})

t.test('a file that oslo.config refuses is named with its line, and never quoted', async (t) => {
  const { config, config_faults } = agentConfigOf(dump({ [`${DIR}/a.conf`]: 'rabbit_password = hush-hush\n', [`${DIR}/b.conf`]: '[DEFAULT]\nx = 1\n' }))
  t.match(config_faults, [{ file: `${DIR}/a.conf`, why: /a\.conf:1: .*before the first section/ }])
  t.notMatch(JSON.stringify(config_faults), /hush/)
  t.same(config.map(({ option }) => option), ['x'])
})

t.test('a transport_url that the agent cannot read, or has no driver for, is a fault of its file', async (t) => {
  const faults = (url: string) => agentConfigOf(dump({ [`${DIR}/a.conf`]: `[DEFAULT]\ntransport_url = ${url}\n` })).config_faults
  t.match(faults('rabbit://trove:ab#hush@10.0.0.1:5672/trove'), [{ file: `${DIR}/a.conf`, why: /^transport_url: an unescaped "#"/ }])
  t.match(faults('rabit://trove:hush@10.0.0.1:5672/trove'), [{ why: /^transport_url: oslo\.messaging has no driver "rabit"$/ }])
  t.notMatch(JSON.stringify([faults('rabbit://trove:ab#hush@10.0.0.1/'), faults('hush')]), /hush/)
})

t.test('options that sound secret are masked, paths to secrets are not', async (t) => {
  const { config, secrets } = agentConfigOf(
    dump({
      [`${DIR}/a.conf`]:
        '[DEFAULT]\nrabbit_password = s1\ninstance_rpc_encr_key = s2\nnova_proxy_admin_pass = s3\nauth_token=s4\n[database]\nconnection = mysql://u:s5@h/d\n[oslo_messaging_rabbit]\nssl_key_file = /etc/ssl/key.pem\n[x]\nurl = http://user:s6@host/\nnova_keypair = trove\n',
    }),
  )
  t.same(Object.fromEntries(config.map(({ option, value }) => [option, value])), {
    rabbit_password: '***',
    instance_rpc_encr_key: '***',
    nova_proxy_admin_pass: '***',
    auth_token: '***',
    connection: '***',
    ssl_key_file: '/etc/ssl/key.pem',
    url: 'http://***@host/',
    nova_keypair: 'trove',
  })
  t.same(secrets.toSorted(), ['mysql://u:s5@h/d', 's1', 's2', 's3', 's4'])
})
