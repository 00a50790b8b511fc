import { inspect } from 'node:util'
import t from 'tap'
import { Secret } from '../../../../contract/secret.ts'
import { parseDatabaseUrl } from '../../../../diagnosis/collect/trove-database/database-url.ts'

const MYSQL = { kind: 'mysql', host: '10.0.0.1', port: 3306, user: 'trove', database: 'trove' }

t.test('an address is read as SQLAlchemy reads it', async (t) => {
  for (const [url, expected, password] of [
    ['sqlite:////var/lib/trove/trove.sqlite', { kind: 'sqlite', path: '/var/lib/trove/trove.sqlite' }],
    ['sqlite:///trove.sqlite?timeout=5', { kind: 'sqlite', path: 'trove.sqlite' }],
    ['mysql+pymysql://trove:s3cret@10.0.0.1/trove?charset=utf8&plugin=dbcounter', MYSQL, 's3cret'],
    ['mariadb://trove:p%40ss%2Fw:rd@10.0.0.1:3307/trove', { ...MYSQL, port: 3307 }, 'p@ss/w:rd'],
    ['mysql://trove:a/b?c:d@10.0.0.1/trove', MYSQL, 'a/b?c:d'],
    ['mysql://trove@[fd00::1]/trove', { ...MYSQL, host: 'fd00::1' }, ''],
    ['mysql+pymysql://trove:x@/trove?unix_socket=/run/mysqld/mysqld.sock&ssl_ca=/etc/ca.pem', { ...MYSQL, host: 'localhost', socket: '/run/mysqld/mysqld.sock', caFile: '/etc/ca.pem' }, 'x'],
  ] as const) {
    const { password: secret, ...rest } = { password: undefined, ...parseDatabaseUrl(new Secret(url)) }
    t.same(rest, expected, url)
    t.equal((secret as Secret | undefined)?.reveal(), password)
  }
})

t.test('what cannot be read is refused without a word of the password', async (t) => {
  for (const url of ['canary', 'postgresql://u:canary@h/trove', 'sqlite://', 'sqlite:///:memory:', 'mysql://u:canary@h', 'mysql://u:can@ary@h/trove', 'mysql://u:canary@h:99999/trove']) {
    const error = t.throws(() => parseDatabaseUrl(new Secret(url)), { name: 'DatabaseUrlError', message: /expected sqlite:\/\/\/\/PATH or mysql\+pymysql:/ }) as Error
    t.notMatch(inspect(error), /can.?ary@|:canary/, url)
  }
})
