import t from 'tap'
import { plainAddress } from '../../host-server/plain-address.ts'

for (const [written, plain] of [
  ['10.0.0.5', '10.0.0.5'],
  ['::ffff:10.0.0.5', '10.0.0.5'],
  ['::FFFF:a00:5', '10.0.0.5'],
  ['2001:DB8:0:0::5', '2001:db8::5'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::ffff:1:2:3', '::ffff:1:2:3'],
  ['no address', 'no address'],
] as const) {
  t.test(`${written} is ${plain}`, async (t) => void t.equal(plainAddress(written), plain))
}
