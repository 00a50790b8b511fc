/** SQL that sets a password, as SQLAlchemy and MySQL echo it. */
const IN_SQL = /\b(IDENTIFIED\s+(?:WITH\s+\S+\s+)?(?:BY|AS)|PASSWORD\s*\()(\s*)(?:'[^']*'?|"[^"]*"?)+/gi

/** Its user's name is in quotes too: what stands behind the sign is hidden, to the end of the statement. */
const SET_PASSWORD = /\b(SET\s+PASSWORD\b[^=;\n]{0,200}=\s*)(?:'[^']*'?|"[^"]*"?|[^'";\n])+/gi

/** MySQL's own words at its first start. */
const GENERATED = /(temporary password is generated for \S+: )\S+/gi

/** Takes out of a program's output what could be a secret: credentials in URLs, values of options that sound like one, passwords in SQL, and credentials of ours. */
export function scrub(text: string, secrets: readonly string[] = []): string {
  return hideKnown(text, secrets)
    .replace(/\b(\w*(?:password|passwd|secret|token|encr_key))(["']?\s*[=:]\s*)(?:"[^"]*"|'[^']*'|[^\s,;)])+/gi, '$1$2***')
    .replace(SET_PASSWORD, '$1***')
    .replace(IN_SQL, '$1$2***')
    .replace(GENERATED, '$1***')
}

/** Takes out of our own words what is certainly a secret: by its value, as whatever it was written, or by its form. */
export function hideKnown(text: string, secrets: readonly string[] = []): string {
  let clean = text
  for (const secret of secrets) if (secret.length >= 4) for (const written of writingsOf(secret)) clean = clean.replaceAll(written, '***')
  return clean.replace(/\b(\w+:\/\/)[^/\s@]+@/g, '$1***@').replace(OURS, '***')
}

/** A bootstrap token; an instance's credential, or the operator's, of which the name may stay. */
const OURS = /\b[a-z0-9]{6}\.[a-z0-9]{16}\b|(?<=\b(?:operator|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})[.:])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/g

/** In URLs, in JSON and in Python's quotes. */
function writingsOf(secret: string): Set<string> {
  const plain = secret.toWellFormed()
  return new Set([secret, encodeURIComponent(plain), JSON.stringify(plain).slice(1, -1), plain.replace(/['\\]/g, '\\$&')])
}
