import fc from 'fast-check'
import t from 'tap'
import { mysql } from '../../../instances/greeting/mysql.ts'

/** As Debian's MariaDB 10.11 sent it. */
const MARIADB = Buffer.from('5c0000000a352e352e352d31302e31312e31342d4d6172696144422d302b64656231327532001f000000', 'hex')
const packet = (payload: Buffer): Buffer => Buffer.concat([Buffer.from([payload.length & 0xff, payload.length >> 8, 0, 0]), payload])
const handshake = (version: string): Buffer => packet(Buffer.concat([Buffer.from([10]), Buffer.from(`${version}\0`), Buffer.alloc(70, 1)]))

t.test('a handshake names the product and its version as people do', async (t) => {
  const table: [string, string][] = [
    ['5.7.29', 'MySQL 5.7.29'],
    ['8.0.32', 'MySQL 8.0.32'],
    ['5.5.5-10.11.14-MariaDB-0+deb12u2', 'MariaDB 10.11.14'],
    ['11.4.2-MariaDB-ubu2404', 'MariaDB 11.4.2'],
  ]
  for (const [version, product] of table) t.same(mysql.read(handshake(version)), { product }, version)
})

t.test('a greeting may come in any number of pieces', async (t) => {
  const whole = handshake('5.7.29')
  for (let length = 0; length < whole.length; length++) t.equal(mysql.read(whole.subarray(0, length)), 'more')
  t.equal(mysql.read(MARIADB), 'more', 'the header announces more than came')
})

t.test('a server that takes nobody is there, and is quoted', async (t) => {
  const full = packet(Buffer.concat([Buffer.from([0xff, 0x10, 0x04]), Buffer.from('Too many connections')]))
  t.same(mysql.read(full), { product: 'MySQL', refuses: 'Too many connections (error 1040)' })
})

t.test('what speaks something else is no greeting, whatever it says', async (t) => {
  for (const text of ['SSH-2.0-OpenSSH_9.2p1\r\n', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'AMQP\0\0\x09\x01', 'RFB 003.008\n']) t.equal(mysql.read(Buffer.from(text)), undefined, text)
  t.equal(mysql.read(packet(Buffer.from([10, 0, 0]))), undefined, 'an empty version')
  t.equal(mysql.read(packet(Buffer.from([9, 65, 0]))), undefined, 'protocol 9')
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void mysql.read(Buffer.from(bytes))))
})
