import type { Cause, Found, Proof, Step, Suspected } from '../cause.ts'
import { type Facts, proofOf } from '../facts.ts'
import { hasAddress } from './addresses.ts'
import { saidProof, waitsIn } from './daemon-fault.ts'
import { isHeard } from './is-heard.ts'
import { safeWord } from './safe-word.ts'
import { MAKE_AGAIN, setTroveOption } from './trove-option.ts'

const NO_OWNER = /Unknown user or group:.*name not found|getp?w?g?r?nam\(\)?:? ?name not found/
const BROKE_OFF = /Running module write[_-]files.*failed/
const NOT_WRITABLE = /No space left on device|Read-only file system|I\/O error/
/** trove/common/cfg.py */
const DEFAULT_OWNER = 'ubuntu'
const NO_METADATA = /Calling 'http:\/\/\[?(?:169\.254\.169\.254|fe80::a9fe:a9fe)[^']*' failed/
const IN_THE_GUEST = { on: 'guest' as const, run: 'sudo cloud-init single --name write_files --frequency always', say: 'writes the injected files now' }

/** B2 */
export const ownerMissing: Cause = {
  id: 'B2',
  name: 'injected-owner-missing',
  title: "the user to whom Trove's injected files are to belong does not exist when cloud-init writes them",
  phase: 'identify',
  shows: "`Unknown user or group: 'getpwnam(): name not found: 'ubuntu''` in cloud-init's log; files are missing behind the first",
  needs: ['guest', 'console'],
  mend: 'make the user in the image, or set injected_config_owner in trove.conf to one that is there',
  find(facts) {
    if (isHeard(facts) || !waitsForFiles(facts)) return undefined
    const line = facts.line(NO_OWNER, 'cloud-init', 'console')
    if (!line) {
      return facts.evidence.guest ? undefined : brokeOff(facts)
    }
    const owner = safeWord(/name not found: '?([^'\s]+)'/.exec(line.text)?.[1])
    const called = owner === undefined ? 'the injected files\' owner' : `"${owner}"`
    return { what: `cloud-init could not write Trove's files: the user ${called} does not exist in this image when it does`, proof: [proofOf(line)], mend: giveOwner(facts, owner) }
  },
}

/**
 * On the console cloud-init says that it broke off, and not why. Trove's user data give it one reason beside a disk that cannot be written to: the owner,
 * which trove.conf names. root is in every image.
 */
function brokeOff(facts: Facts): Found | Suspected | undefined {
  const broke = facts.line(BROKE_OFF, 'console')
  const conf = facts.evidence.machine?.trove_conf
  const owner = conf?.file?.readable === true ? (conf.options['injected_config_owner'] ?? DEFAULT_OWNER) : undefined
  if (broke === undefined || owner === 'root') return undefined
  const proof = [proofOf(broke)]
  if (owner === undefined || facts.line(NOT_WRITABLE, 'console', 'kernel')) return { undecided: 'cloud-init broke off while it wrote the injected files; why is not on the console', wants: ['guest'], proof }
  return {
    what: `cloud-init broke off while it wrote Trove's files, which are to belong to the user "${owner}": this image has none`,
    proof: [...proof, { source: 'machine', where: conf!.file!.path, text: `injected_config_owner: ${owner}` }],
    mend: giveOwner(facts, safeWord(owner)),
  }
}

function giveOwner(facts: Facts, owner: string | undefined): Step[] {
  return [
    ...setTroveOption(facts, 'injected_config_owner', 'root'),
    MAKE_AGAIN,
    ...(owner === undefined ? [] : [{ on: 'guest' as const, run: `sudo useradd --system ${owner}`, say: 'for the guest that is there' }, IN_THE_GUEST]),
    { on: 'image', run: 'trovestrap image build BASE.qcow2 -o OUT.qcow2', say: 'makes the user that the configured trove.conf names' },
  ]
}

/** B3 */
export const noDatasource: Cause = {
  id: 'B3',
  name: 'no-datasource',
  title: 'the guest finds neither a config drive nor a metadata service, so nothing is injected',
  phase: 'identify',
  shows: "`Calling 'http://169.254.169.254/…' failed` on the console; NO_GUEST_ID; no guest_info.conf",
  needs: ['console', 'guest', 'record'],
  symptomOf: ['C1'],
  mend: 'use_nova_server_config_drive = True in trove.conf, or a metadata service that guests reach',
  find(facts) {
    if (isHeard(facts)) return undefined
    const proof = withoutSource(facts)
    if (proof === undefined) return undefined
    // Without an address no metadata service answers either, and then it is that (C1).
    const addressed = hasAddress(facts)
    if (addressed === false) return undefined
    if (addressed === undefined) return { undecided: 'the guest finds neither config drive nor metadata service; whether it has an address is not known', wants: ['guest', 'console'], proof }
    return {
      what: 'the guest finds neither a config drive nor a metadata service: nothing was injected',
      proof,
      mend: [...setTroveOption(facts, 'use_nova_server_config_drive', 'True'), MAKE_AGAIN, { on: 'image', say: 'where the drive is there: the image has to look for it (DIB_CLOUD_INIT_DATASOURCES="ConfigDrive, OpenStack")' }],
    }
  },
}

function withoutSource(facts: Facts): Proof[] | undefined {
  const said = waitsIn(facts, 'NO_GUEST_ID')
  const tried = facts.line(NO_METADATA, 'console', 'cloud-init')
  const source = facts.evidence.guest?.cloud_init?.datasource
  const none: Proof[] = source !== undefined && /^(DataSource)?None$/.test(source.split(' ')[0]!) ? [{ source: 'guest', where: 'guest, /run/cloud-init/result.json', text: `datasource ${source}` }] : []
  const lines = [...(tried ? [proofOf(tried)] : []), ...none]
  if (said) return /nothing in the .* either/.test(said.message ?? '') ? undefined : [saidProof(said), ...lines]
  const absent = facts.said.length === 0 && facts.file('/etc/trove/conf.d/guest_info.conf')?.exists === false
  return absent && lines.length > 0 ? [...lines, { source: 'guest', where: 'guest', text: '/etc/trove/conf.d/guest_info.conf does not exist' }] : undefined
}

/** Our daemon looks for itself into what cloud-init was to write, and goes on; then the missing file did no harm. */
function waitsForFiles(facts: Facts): boolean {
  return facts.said.length === 0 || waitsIn(facts, 'NO_GUEST_ID', 'GUEST_INFO_INVALID', 'TRANSPORT_URL_MISSING') !== undefined
}
