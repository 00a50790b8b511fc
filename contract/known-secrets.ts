import type { OsloConfig } from './oslo-config.ts'

const SECRET_OPTION = /(?:password|passwd|secret|token|encr_key|private_key)$/i
/** Published defaults of trove/common/cfg.py. */
const PUBLISHED = ['bzH6y0SGmjuoY0FNSTptrhgieGXNDX6PIhvz', 'emYjgHFqfXNB1NGehAFIUeoyw4V4XwWHEaKP']
/** Passwords that are words of every second log line: to mask them would leave nothing to read, and hide nothing. */
const WORDS = ['admin', 'amqp', 'database', 'guest', 'localhost', 'mariadb', 'mysql', 'openstack', 'pass', 'password', 'postgres', 'rabbit', 'rabbitmq', 'root', 'secret', 'service', 'trove']

/**
 * What stands in these configurations and must not be repeated: passwords of URLs (as written and as meant) and values of options that are named
 * like a secret. The longest first, so that none hides a part of another.
 */
export function secretsIn(configs: readonly OsloConfig[]): string[] {
  const found = new Set(configs.flatMap((config) => config.options().flatMap(({ key, value }) => [...(SECRET_OPTION.test(key) ? [value] : []), ...passwordsIn(value)])))
  return masked([...found])
}

/** The same of one URL with passwords in it. */
export function secretsInUrl(url: string): string[] {
  return masked([...new Set(passwordsIn(url))])
}

function masked(secrets: readonly string[]): string[] {
  return secrets.filter((secret) => secret.length >= 4 && !PUBLISHED.includes(secret) && !WORDS.includes(secret.toLowerCase())).sort((a, b) => b.length - a.length)
}

/** Of every `user:password@` behind a `scheme://`, several in one URL too. */
function passwordsIn(value: string): string[] {
  const [, rest] = /^[a-z][a-z0-9+.-]*:\/\/(.*)$/is.exec(value.trim()) ?? []
  if (rest === undefined) return []
  const written = rest.split(',').flatMap((part) => /^[^:@/]*:(.+)@/s.exec(part)?.[1] ?? [])
  return written.flatMap((password) => [password, plain(password.replace(/\$\$|\\\$/g, '$'))])
}

function plain(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'))
}
