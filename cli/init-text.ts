import { existsSync } from 'node:fs'
import { GUEST } from '../contract/paths.ts'
import type { Initialised, Renewal } from '../host-server/pki/initialise.ts'

export interface InitResult extends Initialised {
  readonly file: string
  /** Whether the configuration file was written now. */
  readonly wrote: boolean
  readonly state: string
  readonly source: string
  readonly names: readonly string[]
}

/** What init did, for people, and what to type next. The first token is in it, this one time. */
export function initText({ file, wrote, state, source, names, made, replaced, token, unnamed, expires }: InitResult): string {
  const width = Math.max(0, ...made.map(({ path }) => path.length))
  const lines = [
    ...(wrote ? [`wrote ${file} (names: ${names.join(', ')})`] : []),
    ...made.map(({ path, what }) => `made  ${path.padEnd(width)}  ${what}`),
    ...(made.length === 0 && !wrote ? [`nothing to do: ${state} is complete, its certificate is good until ${day(expires)}`] : []),
  ]
  if (token !== undefined) {
    lines.push('', `bootstrap token  ${token.reveal()}`, '                 shown this once; trovestrap token create makes another')
  }
  if (replaced.length > 0) {
    lines.push('', ...replaced.map((what) => CONSEQUENCE[what](day(expires))), 'a host-server that runs takes it with', '  systemctl reload trovestrap-host')
  }
  if (replaced.includes('newCa')) lines.push(...afterNewCa(state))
  if (unnamed.length > 0) {
    lines.push('', `the server certificate does not name ${unnamed.join(', ')}; guests that use it are refused`, '  trovestrap init --renew')
  }
  lines.push('', 'next:')
  if (!existsSync(source)) lines.push(`  edit source.path in ${file} (${source} does not exist)`)
  lines.push('  trovestrap serve', '  trovestrap image build BASE.qcow2 -o GUEST.qcow2', '  trovestrap approve INSTANCE      lets a new guest enrol; with openstack: in the configuration OpenStack does', '')
  return lines.join('\n')
}

const CONSEQUENCE: Readonly<Record<keyof Renewal, (until: string) => string>> = {
  renew: (until) => `the certificate is good until ${until}; images stay good`,
  newSigningKey: () => 'guests learn the new key from this host the next time they fetch; what the old key signed is refused from then on',
  newOperatorToken: () => 'the old operator token opens nothing any more; whoever uses it elsewhere needs the new one',
  newCa: (until) => `the certificate is good until ${until}; no image and no guest from before trusts this host`,
}

/** A guest whose agent runs goes on without the host; what it cannot do until it has the new CA is fetch, report and renew its credential. */
function afterNewCa(state: string): string[] {
  return [
    '',
    'images have to be built again:',
    '  trovestrap image build BASE.qcow2 -o GUEST.qcow2',
    'a guest that runs keeps its agent, and gets the new CA by a rebuild on the new image, or with its debug user:',
    '  openstack server rebuild --image GUEST SERVER',
    `  ssh USER@GUEST sudo tee ${GUEST.ca} <${state}/pki/ca.pem >/dev/null`,
  ]
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
