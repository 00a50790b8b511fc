// Everybody's TLS clients, and Debian's testssl.sh, against a real host-server.
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeWheel } from '../host-server/wheels/make-wheel.ts'
import { realHost, type RealHost } from '../host-server/real-host.ts'
import { CA as FOREIGN_CA } from '../image-builder/small-image.ts'
import { clientCases, otherCa, wrongWith } from './testssl-clients.ts'
import { figure, type Figure, type Torture } from './torture.ts'

const WHEEL = { name: 'passlib', version: '1.7.4' }
const LIMIT_MS = 900_000
/** Its best grades: well, and no grade at all. */
const BEST = ['OK', 'INFO']

/** What testssl.sh gives less for, by its id, and why that is as it should be. */
export const EXPLAINED: Readonly<Record<string, string>> = {
  cert_revocation: 'guests trust one private CA, in which no list of revoked certificates stands: when the key of the host leaks, CA and images are made anew (SECURITY.md)',
  DNS_CAArecord: 'a CAA record tells public CAs who may ask them; the host is known by an address, and none of them is believed',
  HSTS: 'for browsers, which could come by plain HTTP first; no browser comes, and the port speaks TLS alone',
  security_headers: 'for pages in browsers; what is served is JSON, source and wheels',
  engine_problem: 'of testssl.sh itself, whose OpenSSL has no GOST',
}

interface Finding {
  readonly id: string
  readonly severity: string
  readonly finding: string
}

export const testssl: Torture = {
  name: 'testssl',
  purpose: 'openssl, curl and pip work with the CA that is pinned, and refuse everything else; testssl.sh finds nothing below its best grades that is not explained',
  takes: '3 min',
  async run({ size, say }) {
    await using host = await realHost()
    const wheels = join(host.folder, 'wheels')
    mkdirSync(wheels)
    makeWheel(wheels, WHEEL.name, WHEEL.version)
    writeFileSync(host.config, JSON.stringify({ ...(JSON.parse(readFileSync(host.config, 'utf8')) as object), python: { wheels } }))
    const [guest] = host.enrol(1)
    await host.start()
    const clients: Figure[] = []
    for (const one of clientCases(host, guest!, WHEEL, otherCa(host.folder, Buffer.from(FOREIGN_CA)))) {
      const wrong = await wrongWith(one)
      say(`${one.name}: ${wrong ?? 'as it should'}`)
      const wanted = one.works ? 'works' : 'is refused'
      clients.push(figure(one.name, wrong ?? wanted, wanted, wrong === undefined))
    }
    return size === 'short' ? clients : [...clients, ...graded(await findings(host))]
  },
}

/** By severity, and what nothing explains. */
export function graded(found: readonly Finding[]): Figure[] {
  const count = (severity: string) => found.filter((one) => one.severity === severity).length
  const below = found.filter(({ severity }) => !BEST.includes(severity))
  const unexplained = below.filter(({ id }) => !Object.hasOwn(EXPLAINED, id))
  const offered = ['SSLv2', 'SSLv3', 'TLS1', 'TLS1_1', 'TLS1_2', 'TLS1_3'].filter((name) => /^offered/.test(found.find(({ id }) => id === name)?.finding ?? ''))
  return [
    figure('testssl.sh: protocols offered', offered.join(', ') || 'none', 'TLS1_3', offered.join() === 'TLS1_3'),
    figure('testssl.sh: findings', [...new Set(found.map(({ severity }) => severity))].map((severity) => `${count(severity)} ${severity}`).join(', '), 'more than 100 checks', found.length > 100),
    figure('testssl.sh: below its best grades', below.map(({ id, severity }) => `${id} (${severity})`).join(', ') || 'none', 'each is explained', unexplained.length === 0),
    figure('testssl.sh: not explained', unexplained.map(({ id, finding }) => `${id}: ${finding}`).join('; ') || 'none', 'none', unexplained.length === 0),
  ]
}

async function findings(host: RealHost): Promise<Finding[]> {
  const file = join(host.folder, 'testssl.json')
  const args = ['--quiet', '--color', '0', '--warnings', 'batch', '--openssl', '/usr/bin/openssl', '--add-ca', host.state.ca, '--jsonfile', file, `127.0.0.1:${host.port}`]
  await new Promise<void>((resolve) => execFile('testssl', args, { timeout: LIMIT_MS, maxBuffer: 2 ** 26 }, () => resolve())) // its status counts findings
  return JSON.parse(readFileSync(file, 'utf8')) as Finding[]
}
