/** Takes out of a program's output what could be a secret: credentials in URLs, and values of options that sound like one. */
export function scrub(text: string, secrets: readonly string[] = []): string {
  let clean = text
    .replace(/(\w+:\/\/)[^/\s@]+@/g, '$1***@')
    .replace(/\b(\w*(?:password|passwd|secret|token|encr_key))(["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;)]+)/gi, '$1$2***')
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '***')
  return clean
}
