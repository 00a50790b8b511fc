import type { Greeting, Protocol } from './greeting.ts'

const HEADER = 4
/** No greeting is longer; whoever announces more speaks something else. */
const LONGEST = 1024
const PROTOCOL_10 = 0x0a
const ERROR = 0xff
/** MariaDB puts it before its own version, so that old replicas take it for a MySQL. */
const FOR_REPLICAS = /^5\.5\.5-/

/** MySQL, MariaDB and Percona: the server speaks first (dev.mysql.com, Protocol::HandshakeV10 and ERR_Packet). */
export const mysql: Protocol = {
  port: 3306,
  read(bytes) {
    if (bytes.length < HEADER) return 'more'
    const length = bytes.readUIntLE(0, 3)
    if (length < 2 || length > LONGEST || bytes[3] !== 0) return undefined
    if (bytes.length < HEADER + length) return 'more'
    const packet = bytes.subarray(HEADER, HEADER + length)
    if (packet[0] === PROTOCOL_10) return handshake(packet)
    return packet[0] === ERROR ? refusal(packet) : undefined
  },
}

function handshake(packet: Buffer): Greeting | undefined {
  const end = packet.indexOf(0, 1)
  if (end < 2) return undefined
  const version = packet.toString('latin1', 1, end)
  const name = /mariadb/i.test(version) ? 'MariaDB' : /percona/i.test(version) ? 'Percona Server' : 'MySQL'
  return { product: `${name} ${version.replace(FOR_REPLICAS, '').replace(/-mariadb.*$/i, '')}` }
}

/** Too many connections, this host is blocked, …: code in two bytes, then words. */
function refusal(packet: Buffer): Greeting {
  return { product: 'MySQL', refuses: `${packet.toString('utf8', 3)} (error ${packet.readUInt16LE(1)})` }
}
