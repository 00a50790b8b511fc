import { run } from './run.ts'

const SUITES = ['bookworm', 'bookworm-updates', 'bookworm-security']
const PUBLIC = [
  'deb http://deb.debian.org/debian bookworm main',
  'deb http://deb.debian.org/debian bookworm-updates main',
  'deb http://deb.debian.org/debian-security bookworm-security main',
]
const FIELDS = ['CREATED_BY', 'ORIGIN', 'CODENAME', 'COMPONENT', 'REPO_URI', 'RELEASE'] as const

/** sources.list lines for Debian 12 from the mirrors that this machine uses itself, else the public ones. */
export async function debianSources(): Promise<string> {
  const targets = await run(['apt-get', 'indextargets', '--format', FIELDS.map((field) => `$(${field})`).join('|')])
  return sourcesFrom(targets)
}

/** @param targets lines of FIELDS, separated by `|` */
export function sourcesFrom(targets: string): string {
  const lines = targets.split('\n').flatMap((line) => {
    const [by, origin, codename = '', component, uri, release] = line.split('|')
    const wanted = by === 'Packages' && origin === 'Debian' && component === 'main' && SUITES.includes(codename)
    return wanted ? `deb ${uri} ${release} main` : []
  })
  const main = lines.some((line) => line.endsWith(' bookworm main'))
  return [...new Set(main ? lines : PUBLIC)].join('\n') + '\n'
}

/** What this machine's apt needs to know to reach its mirrors, as options for another apt. */
export async function aptOptions(): Promise<string[]> {
  return optionsFrom(await run(['apt-config', 'dump', '--format', '%f "%v";%n']))
}

export function optionsFrom(dump: string): string[] {
  return dump.split('\n').filter((line) => /^Acquire::(https?::Proxy(-Auto-Detect)?(::\S+)?|Check-Valid-Until|Check-Date) "[^"]+";$/.test(line))
}
