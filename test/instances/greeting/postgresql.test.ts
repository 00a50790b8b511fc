import fc from 'fast-check'
import t from 'tap'
import { postgresql } from '../../../instances/greeting/postgresql.ts'

// As PostgreSQL 15.18 answered a startup packet: AuthenticationSASL; ErrorResponse where pg_hba.conf has no line for us. And as older ones ask for MD5.
const SASL = Buffer.from('52000000170000000a534352414d2d5348412d3235360000', 'hex')
const NOT_US = Buffer.from(
  '45000000a153464154414c0056464154414c00433238303030004d6e6f2070675f6862612e636f6e6620656e74727920666f7220686f737420223132372e302e302e31222c2075736572202274726f7665737472617022' +
    '2c206461746162617365202274726f76657374726170222c206e6f20656e6372797074696f6e0046617574682e63004c3534340052436c69656e7441757468656e7469636174696f6e0000',
  'hex',
)
const MD5 = Buffer.from('520000000c00000005a1b2c3d4', 'hex')
const error = (code: string, message: string): Buffer => {
  const body = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0Fauth.c\0L543\0RClientAuthentication\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

t.test('a server that asks for a password greets', async (t) => {
  t.same(postgresql.read(SASL), { product: 'PostgreSQL' })
  t.same(postgresql.read(MD5), { product: 'PostgreSQL' })
})

t.test('a server that does not want us greets; one that is still starting does not', async (t) => {
  t.same(postgresql.read(NOT_US), { product: 'PostgreSQL' })
  t.same(postgresql.read(error('57P03', 'the database system is starting up')), { product: 'PostgreSQL', refuses: 'the database system is starting up (57P03)' })
})

t.test('a greeting may come in any number of pieces, and what speaks something else is none', async (t) => {
  const whole = error('57P03', 'the database system is starting up')
  for (let length = 0; length < whole.length; length++) t.equal(postgresql.read(whole.subarray(0, length)), 'more')
  for (const text of ['SSH-2.0-OpenSSH_9.2p1\r\n', 'HTTP/1.1 400 Bad Request', 'Error: something else', 'R\0\0\0\0']) t.equal(postgresql.read(Buffer.from(text)), undefined, text)
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void postgresql.read(Buffer.from(bytes))))
})

t.test('the startup packet is one of protocol 3.0', async (t) => {
  const hello = Buffer.from(postgresql.hello!)
  t.equal(hello.readUInt32BE(0), hello.length)
  t.equal(hello.toString('latin1', 4), '\0\x03\0\0user\0trovestrap\0database\0trovestrap\0\0')
})
