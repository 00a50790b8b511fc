import { existsSync } from 'node:fs'
import type { Initialised } from '../host-server/pki/initialise.ts'

export interface InitResult extends Initialised {
  readonly file: string
  /** Whether the configuration file was written now. */
  readonly wrote: boolean
  /** Whether a certificate took the place of another. */
  readonly renewed: boolean
  readonly state: string
  readonly source: string
  readonly names: readonly string[]
}

/** What init did, for people, and what to type next. The first token is in it, this one time. */
export function initText({ file, wrote, renewed, state, source, names, made, token, unnamed, expires }: InitResult): string {
  const width = Math.max(0, ...made.map(({ path }) => path.length))
  const lines = [
    ...(wrote ? [`wrote ${file} (names: ${names.join(', ')})`] : []),
    ...made.map(({ path, what }) => `made  ${path.padEnd(width)}  ${what}`),
    ...(made.length === 0 && !wrote ? [`nothing to do: ${state} is complete, its certificate is good until ${day(expires)}`] : []),
  ]
  if (token !== undefined) {
    lines.push('', `bootstrap token  ${token.reveal()}`, '                 shown this once; trovestrap token create makes another')
  }
  if (renewed) lines.push('', `the certificate is good until ${day(expires)}; a host-server that runs takes it with`, '  systemctl reload trovestrap-host')
  if (unnamed.length > 0) {
    lines.push('', `the server certificate does not name ${unnamed.join(', ')}; guests that use it are refused`, '  trovestrap init --renew')
  }
  lines.push('', 'next:')
  if (!existsSync(source)) lines.push(`  edit source.path in ${file} (${source} does not exist)`)
  lines.push('  trovestrap serve', '  trovestrap image build BASE.qcow2 -o GUEST.qcow2', '')
  return lines.join('\n')
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
