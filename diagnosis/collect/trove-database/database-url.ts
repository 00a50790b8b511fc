import { Secret } from '../../../contract/secret.ts'

/** Where Trove's database is, out of `[database] connection`. */
export type DatabaseUrl =
  | { readonly kind: 'sqlite'; readonly path: string }
  | {
      readonly kind: 'mysql'
      readonly host: string
      readonly port: number
      readonly user: string
      readonly password: Secret
      readonly database: string
      readonly socket?: string
      /** CA's file: TLS is spoken. */
      readonly caFile?: string
    }

/** Says which part is wrong and never quotes the password. */
export class DatabaseUrlError extends Error {
  override readonly name = 'DatabaseUrlError'
}

const FORMS = 'sqlite:////PATH or mysql+pymysql://USER:PASSWORD@HOST:PORT/DATABASE'

/** As sqlalchemy.engine.url reads it. @throws DatabaseUrlError */
export function parseDatabaseUrl(url: Secret): DatabaseUrl {
  const [, dialect, rest] = /^([a-z0-9]+)(?:\+\w+)?:\/\/(.*)$/is.exec(url.reveal().trim()) ?? []
  if (dialect === undefined || rest === undefined) throw new DatabaseUrlError(`the address of Trove's database is none: expected ${FORMS}`)
  if (dialect === 'sqlite') return sqlite(rest)
  if (dialect === 'mysql' || dialect === 'mariadb') return mysql(rest)
  throw new DatabaseUrlError(`the address of Trove's database begins with ${dialect.slice(0, 20)}: expected ${FORMS}`)
}

/** Three slashes begin a relative path, four an absolute one. */
function sqlite(rest: string): DatabaseUrl {
  const path = /^\/([^?]+)/.exec(rest)?.[1]
  if (path === undefined || path === ':memory:') throw new DatabaseUrlError(`the address of Trove's database names no file: expected ${FORMS}`)
  return { kind: 'sqlite', path }
}

function mysql(rest: string): DatabaseUrl {
  const [, user, password = '', host6, host4 = '', port, database = '', query = ''] =
    /^(?:([^:/]*)(?::([^@]*))?@)?(?:\[([^/\]]+)\]|([^/:?@]*))(?::(\d{1,5}))?(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest) ?? fail()
  if (database === '' || Number(port ?? 1) > 65535 || port === '0') return fail()
  const options = new URLSearchParams(query)
  const socket = options.get('unix_socket')
  const caFile = options.get('ssl_ca')
  return {
    kind: 'mysql',
    host: host6 ?? (host4 === '' ? 'localhost' : host4),
    port: Number(port ?? 3306),
    user: unquote(user ?? ''),
    password: new Secret(unquote(password)),
    database: unquote(database),
    ...(socket === null ? {} : { socket }),
    ...(caFile === null ? {} : { caFile }),
  }
}

function fail(): never {
  throw new DatabaseUrlError(`the address of Trove's database cannot be read: expected ${FORMS}, with an @ in a password written as %40`)
}

/** urllib.parse.unquote: a "%" that begins no escape stays as it is. */
function unquote(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'))
}
