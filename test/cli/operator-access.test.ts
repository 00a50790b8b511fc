import { join } from 'node:path'
import t from 'tap'
import { operatorAccess } from '../../cli/operator-access.ts'

t.test('host-server is asked where it listens', async (t) => {
  const at = (address: string) => {
    const folder = t.testdir({ 'trovestrap.yaml': `listen: { address: "${address}", port: 15555 }\nnames: [controller]\nsource: { path: /opt/stack/trove }\n` })
    return operatorAccess(join(folder, 'trovestrap.yaml')).url
  }
  t.equal(at('0.0.0.0'), 'https://127.0.0.1:15555')
  t.equal(at('::'), 'https://127.0.0.1:15555')
  t.equal(at('192.0.2.10'), 'https://192.0.2.10:15555')
  t.equal(at('2001:db8::1'), 'https://[2001:db8::1]:15555')
})
