import { scrub } from '../../../contract/scrub.ts'

// `_file` and `_dir` behind such a word is a path, and paths are what one wants to see.
const SECRET = /(?:passw|passphrase|secret|token|credential|transport_url|connection$|(?:^|_)key$|_pass$|private|auth_data)/i
const PATH = /_(?:file|path|dir|location)$/i
/** So short, or so common, that taking it out by value would spoil every log, and that it is no secret either. */
const COMMON = /^(?:.{0,5}|trove|guest|rabbit(?:mq)?|openstack|database|password|secret|changeme)$/i

export function isSecretOption(option: string): boolean {
  return SECRET.test(option) && !PATH.test(option)
}

/** An option's value as the evidence may hold it. */
export function maskedValue(option: string, value: string): string {
  return isSecretOption(option) ? '***' : scrub(value).slice(0, 1900)
}

/** Takes secrets that are known by value out of a line of somebody else's log; the longest first, since one may hold another. */
export function withoutValues(line: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, '***'), scrub(line))
}

/** Which values are worth taking out: as they stand and percent-encoded. */
export function worthHiding(values: Iterable<string>): string[] {
  const all = [...values].flatMap((value) => [value, encodeURIComponent(value)])
  return [...new Set(all)].filter((value) => !COMMON.test(value)).toSorted((a, b) => b.length - a.length)
}
