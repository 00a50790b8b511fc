import { isIPv4 } from 'node:net'
import type { OsloConfig } from '../../contract/oslo-config.ts'
import { parseTransportUrl, TransportUrlError, type TransportUrl } from '../../contract/transport-url.ts'
import type { Finding } from './finding.ts'

const WRITE = 'transport_url = rabbit://USER:PASSWORD@HOST:5672/VHOST in [DEFAULT]'
/** oslo.messaging's entry points; rabbit and kombu are one. */
const RABBITS = ['rabbit', 'kombu']
const OTHERS = ['amqp', 'kafka']

/** Whether a guest can use the URL at all: driver, hosts, escapes. */
export function checkTransportUrl(guest: OsloConfig): Finding[] {
  const text = guest.get('DEFAULT', 'transport_url')
  const finding = (level: Finding['level'], message: string, mend: string): Finding => ({ level, section: 'DEFAULT', option: 'transport_url', message, mend })
  if (text === undefined || text.trim() === '') {
    return [finding('error', "expected RabbitMQ's address, got none: the agent would dial guest@localhost:5672, itself", `write ${WRITE}`)]
  }
  const url = readTransportUrl(text)
  if (url instanceof TransportUrlError) return [finding('error', `expected a URL that oslo.messaging can read, got one where ${url.message}`, `write ${WRITE}, everything but letters and digits in PASSWORD as %XX`)]
  const found: Finding[] = []
  if (OTHERS.includes(url.driver)) found.push(finding('warning', `expected the driver rabbit, got ${url.driver}: Trovestrap checks RabbitMQ alone before it starts the agent`, `write ${WRITE}`))
  else if (!RABBITS.includes(url.driver)) found.push(finding('error', `expected the driver rabbit, got ${JSON.stringify(url.driver)}, which oslo.messaging does not have`, `write ${WRITE}`))
  const own = url.hosts.filter(({ host }) => isLoopback(host))
  if (own.length > 0) {
    const all = own.length === url.hosts.length
    found.push(finding(all ? 'error' : 'warning', `expected an address that guests can reach, got ${own.map(({ host }) => host).join(', ')}: in a guest that is the guest itself`, `put the controller's address on the guests' management network in the place of ${own[0]!.host}`))
  }
  return [...found, ...looseCharacters(text, url).map(([level, message, mend]) => finding(level, message, mend))]
}

/** `$$` is how oslo.config writes a dollar sign. */
export function readTransportUrl(text: string): TransportUrl | TransportUrlError {
  try {
    return parseTransportUrl(text.replace(/\$\$|\\\$/g, '$'))
  } catch (error) {
    if (error instanceof TransportUrlError) return error
    throw error
  }
}

/** What passes oslo.messaging's own parser by luck, or not at all one step later. */
function looseCharacters(text: string, url: TransportUrl): [Finding['level'], string, string][] {
  const found: [Finding['level'], string, string][] = []
  const credentials = /:\/\/([^/?#]*)/.exec(text)![1]!.split(',').filter((part) => part.includes('@')).map((part) => part.slice(0, part.lastIndexOf('@')))
  const loose = (char: string, escape: string, level: Finding['level'], why: string) =>
    found.push([level, `expected user name and password with escapes, got an unescaped "${char}" in one: ${why}`, `write ${escape} in the place of ${char}`])
  if (credentials.some((part) => part.includes('@'))) loose('@', '%40', 'warning', 'not every version of oslo.messaging splits it in the same place')
  if (credentials.some((part) => part.split(':').length > 2)) loose(':', '%3A', 'warning', 'not every version of oslo.messaging splits it in the same place')
  if (credentials.some((part) => /%(?![0-9a-f]{2})/i.test(part))) loose('%', '%25', 'warning', 'with two hexadecimal digits behind it, it would mean another character')
  // oslo_config.cfg.ConfigOpts._substitute: the name of no option is a TemplateSubstitutionError.
  if (/(?<![$\\])(?:\$\$)*\$\{?[_a-z]/i.test(text)) loose('$', '%24', 'error', 'oslo.config takes what follows for the name of an option')
  // impl_rabbit hands it to kombu through parse.quote, which leaves "/" as it is (seen in oslo.messaging 14).
  if (url.hosts.some((host) => host.user.includes('/') || host.password.reveal().includes('/'))) {
    found.push(['warning', 'expected a password without "/", got one with it: oslo.messaging 14 and its neighbours hand it to kombu unescaped, even when it is written as %2F', "choose another password: rabbitmqctl change_password USER NEW-PASSWORD"])
  }
  return found
}

function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '').replace(/^::ffff:/, '')
  return /^(localhost|ip6-localhost|.*\.localhost|localhost\.localdomain|::1|::|0:0:0:0:0:0:0:[01])$/.test(name) || (isIPv4(name) && /^(127|0)\./.test(name))
}
