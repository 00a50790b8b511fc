import t from 'tap'
import { optionsFrom, sourcesFrom } from '../../lab/debian-sources.ts'

const TARGETS = `Packages|Debian|bookworm|main|http://mirror.example/debian/|bookworm
Translations|Debian|bookworm|main|http://mirror.example/debian/|bookworm
Packages|Debian|bookworm|contrib|http://mirror.example/debian/|bookworm
Packages|Debian|bookworm-security|main|http://mirror.example/security/|bookworm-security
Packages|Debian|bookworm-security|main|http://mirror.example/security/|bookworm-security
Packages|Debian Backports|bookworm-backports|main|http://mirror.example/debian/|bookworm-backports
Packages|Some Vendor|nodistro|main|https://vendor.example/|nodistro
`

t.test('the base image comes from the mirrors of this machine, and from Debian alone', async (t) => {
  t.equal(sourcesFrom(TARGETS), 'deb http://mirror.example/debian/ bookworm main\ndeb http://mirror.example/security/ bookworm-security main\n')
})

t.test('a machine without a Debian 12 mirror gets the public ones', async (t) => {
  const lines = sourcesFrom('Packages|Debian|trixie|main|http://mirror.example/debian/|trixie\n').split('\n')
  t.equal(lines[0], 'deb http://deb.debian.org/debian bookworm main')
  t.equal(lines.length, 4)
})

t.test('of apt’s options only those that lead to a mirror are handed on', async (t) => {
  const dump = [
    'Acquire "";',
    'Acquire::http::Proxy "http://10.0.0.1:3128";',
    'Acquire::http::Proxy::mirror.example "DIRECT";',
    'Acquire::https::Proxy "";',
    'Acquire::Check-Valid-Until "false";',
    'Acquire::Languages "none";',
    'APT::Install-Recommends "true";',
  ].join('\n')
  t.same(optionsFrom(dump), ['Acquire::http::Proxy "http://10.0.0.1:3128";', 'Acquire::http::Proxy::mirror.example "DIRECT";', 'Acquire::Check-Valid-Until "false";'])
})
