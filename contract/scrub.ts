/** SQL that sets a password, as SQLAlchemy and MySQL echo it. */
const IN_SQL = /\b(IDENTIFIED\s+(?:WITH\s+\S+\s+)?(?:BY|AS)|PASSWORD\s*\(|SET\s+PASSWORD\b[^'"]{0,200})(\s*)('[^']*'?|"[^"]*"?)/gi

/** MySQL's own words at its first start. */
const GENERATED = /(temporary password is generated for \S+: )\S+/gi

/** Takes out of a program's output what could be a secret: credentials in URLs, values of options that sound like one, passwords in SQL, and bootstrap tokens. */
export function scrub(text: string, secrets: readonly string[] = []): string {
  let clean = text
    .replace(/\b(\w+:\/\/)[^/\s@]+@/g, '$1***@')
    .replace(/\b(\w*(?:password|passwd|secret|token|encr_key))(["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;)]+)/gi, '$1$2***')
    .replace(IN_SQL, '$1$2***')
    .replace(GENERATED, '$1***')
    .replace(/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, '***')
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '***')
  return clean
}
