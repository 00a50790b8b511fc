import { readFileSync } from 'node:fs'
import { isTrue, type OsloConfig } from '../contract/oslo-config.ts'
import { Secret } from '../contract/secret.ts'
import { fileSeen, readConf } from '../diagnosis/collect/machine/read-conf.ts'

/** What of trove.conf says where the control plane's own broker and database are. */
export interface TroveConf {
  readonly path: string
  readonly transportUrl?: Secret
  /** Contents of the files that ssl_ca_file and the like name; present where ssl is on. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  readonly exchange?: string
  readonly database?: Secret
  /** What Trove injects into guests. */
  readonly guestConfig?: string
}

const RABBIT = 'oslo_messaging_rabbit'

/** @returns the reason, in a few words, where it cannot be read */
export function readTroveConf(path: string): TroveConf | string {
  const { file, config } = readConf(path)
  if (config === undefined) return `${path} cannot be read: ${file.why}`
  const tls = isTrue(config.get(RABBIT, 'ssl') ?? config.get(RABBIT, 'rabbit_use_ssl')) ? tlsOf(config) : undefined
  if (typeof tls === 'string') return `${path}: ${tls}`
  const [url, database, exchange] = [config.get('DEFAULT', 'transport_url'), config.get('database', 'connection'), config.get('DEFAULT', 'control_exchange')]
  const guestConfig = config.get('DEFAULT', 'guest_config')
  return {
    path,
    ...(url === undefined ? {} : { transportUrl: new Secret(url) }),
    ...(tls === undefined ? {} : { tls }),
    ...(exchange === undefined ? {} : { exchange }),
    ...(database === undefined ? {} : { database: new Secret(database) }),
    ...(guestConfig === undefined ? {} : { guestConfig }),
  }
}

/** @returns which of the files cannot be read, and why */
function tlsOf(config: OsloConfig): NonNullable<TroveConf['tls']> | string {
  const contents: { ca?: string; cert?: string; key?: string } = {}
  for (const [part, option] of [['ca', 'ssl_ca_file'], ['cert', 'ssl_cert_file'], ['key', 'ssl_key_file']] as const) {
    const path = config.get(RABBIT, option)
    if (path === undefined || path === '') continue
    const { readable, why } = fileSeen(path)
    if (!readable) return `${option} ${path} cannot be read: ${why}`
    contents[part] = readFileSync(path, 'utf8')
  }
  return contents
}
