import { readFileSync } from 'node:fs'
import { isTrue, OsloConfig } from '../contract/oslo-config.ts'
import { Secret } from '../contract/secret.ts'

/** What of trove.conf says where the control plane's own broker and database are. */
export interface TroveConf {
  readonly path: string
  readonly transportUrl?: Secret
  /** Contents of the files that ssl_ca_file and the like name; present where ssl is on. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  readonly exchange?: string
  readonly database?: Secret
}

const RABBIT = 'oslo_messaging_rabbit'

/** @returns the reason, in a few words, where it cannot be read */
export function readTroveConf(path: string): TroveConf | string {
  try {
    const conf = OsloConfig.parse(readFileSync(path, 'utf8'), path)
    const [url, database, exchange] = [conf.get('DEFAULT', 'transport_url'), conf.get('database', 'connection'), conf.get('DEFAULT', 'control_exchange')]
    return {
      path,
      ...(url === undefined ? {} : { transportUrl: new Secret(url) }),
      ...(isTrue(conf.get(RABBIT, 'ssl') ?? conf.get(RABBIT, 'rabbit_use_ssl')) ? { tls: tlsOf(conf) } : {}),
      ...(exchange === undefined ? {} : { exchange }),
      ...(database === undefined ? {} : { database: new Secret(database) }),
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? `there is no ${path}` : code === 'EACCES' ? `${path} is not readable` : message
  }
}

function tlsOf(conf: OsloConfig): NonNullable<TroveConf['tls']> {
  const content = (option: string): string | undefined => {
    const file = conf.get(RABBIT, option)
    return file === undefined || file === '' ? undefined : readFileSync(file, 'utf8')
  }
  const [ca, cert, key] = [content('ssl_ca_file'), content('ssl_cert_file'), content('ssl_key_file')]
  return { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) }
}
