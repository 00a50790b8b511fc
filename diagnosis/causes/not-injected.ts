import type { Cause, Proof, Step } from '../cause.ts'
import { type Facts, proofOf } from '../facts.ts'
import { saidProof, waitsIn } from './daemon-fault.ts'
import { isHeard } from './is-heard.ts'
import { safeWord } from './safe-word.ts'
import { MAKE_AGAIN } from './trove-option.ts'

const INFO = '/etc/trove/conf.d/guest_info.conf'
const CONFIG = '/etc/trove/conf.d/trove-guestagent.conf'
const UNUSABLE = /Userdata is not a valid cloudinit config|Failed to parse userdata/
/** What cloud-init says where write_files broke off (B2): then the file is missing for another reason. */
const BROKE_OFF = /write_files.*failed|name not found/

/** N6 */
export const guestConfigAbsent: Cause = {
  id: 'N6',
  name: 'guest-config-not-injected',
  title: "trove-taskmanager's host has no guest_config file, so Trove injects none and says nothing",
  phase: 'control-plane',
  shows: 'guest_info.conf is in the guest, trove-guestagent.conf is not; the agent has no transport_url',
  needs: ['machine', 'guest'],
  symptomOf: ['B2'],
  mend: 'put the file where `guest_config` of trove.conf says, on the host of trove-taskmanager',
  ahead(facts) {
    const { machine } = facts.evidence
    const file = machine?.trove_conf?.guest_config
    // host-server gives guests their configuration, whatever Trove injects.
    if (file === undefined || file.readable || machine?.host_server.configured === true) return undefined
    return { what: `trove-taskmanager has no ${file.path} to inject, and says nothing about it`, proof: [unreadable(file)], mend: [WRITE(file.path)] }
  },
  find(facts) {
    const { machine } = facts.evidence
    const lacking = isHeard(facts) ? undefined : lacksConfig(facts)
    if (!lacking) return undefined
    const file = machine?.trove_conf?.guest_config
    if (file === undefined) return { undecided: 'Trove injected no trove-guestagent.conf; whether it has one to inject is not known', wants: ['machine'], proof: [lacking] }
    if (file.readable) return undefined
    return { what: `trove-taskmanager has no ${file.path} to inject, and says nothing about it`, proof: [unreadable(file), lacking], mend: [WRITE(file.path), MAKE_AGAIN] }
  },
}

const WRITE = (path: string): Step => ({ on: 'host', say: `write ${path}: a transport_url that guests can reach, control_exchange = trove` })

const unreadable = ({ path, why }: { path: string; why?: string }): Proof => ({ source: 'machine', where: path, text: why ?? 'cannot be read' })

/** N7 */
export const templateUnusable: Cause = {
  id: 'N7',
  name: 'cloudinit-template-unusable',
  title: "Trove's cloud-init template is not a YAML mapping, or its write_files takes the place of Trove's own",
  phase: 'control-plane',
  shows: '`Userdata is not a valid cloudinit config` in the log of trove-taskmanager; the guest has no guest_id',
  needs: ['machine', 'trove_logs'],
  mend: 'make the template a YAML mapping without write_files',
  ahead(facts) {
    const template = facts.evidence.machine?.trove_conf?.templates.find(({ problem }) => problem !== undefined)
    return template && { what: `${template.path} keeps Trove's files out of guests: ${template.problem}`, proof: [problemProof(template)], mend: [putAside(template.path)] }
  },
  find(facts) {
    const lacking = isHeard(facts) ? undefined : lacksId(facts)
    if (!lacking) return undefined
    const { machine, trove_logs } = facts.evidence
    const line = facts.line(UNUSABLE, 'taskmanager')
    const template = problemOf(facts)
    if (template) {
      return {
        what: `${template.path} keeps Trove's files out of the guest: ${template.problem}`,
        proof: [problemProof(template), ...(line ? [proofOf(line)] : []), lacking],
        mend: [putAside(template.path), MAKE_AGAIN],
      }
    }
    if (line) return { what: "Trove could not use its cloud-init template, and the guest got none of Trove's files", proof: [proofOf(line), lacking], mend: [{ on: 'host', say: 'make the template under `cloudinit_location` of trove.conf a YAML mapping without write_files' }, MAKE_AGAIN] }
    const wants = [...(machine === undefined ? ['machine' as const] : []), ...(trove_logs === undefined ? ['trove_logs' as const] : [])]
    return wants.length === 0 || !hasDatasource(facts) ? undefined : { undecided: "cloud-init got user data without Trove's files", wants, proof: [lacking] }
  },
}

const problemProof = ({ path, problem }: { path: string; problem?: string }): Proof => ({ source: 'machine', where: path, text: problem! })

function putAside(template: string): Step {
  const path = safeWord(template)
  return { on: 'host', ...(path === undefined ? {} : { run: `mv ${path} ${path}.unusable` }), say: 'or make it a YAML mapping without write_files: what it should do goes into runcmd' }
}

/** What the instance was told, and yet not who it is. */
function hasDatasource(facts: Facts): boolean {
  return /nothing in the .* either/.test(facts.failing?.message ?? '')
}

function lacksId(facts: Facts): Proof | undefined {
  const said = waitsIn(facts, 'NO_GUEST_ID')
  if (said) return saidProof(said)
  const file = facts.said.length > 0 ? undefined : facts.file(INFO)
  return file?.exists === false ? { source: 'guest', where: 'guest', text: `${INFO} does not exist` } : undefined
}

function lacksConfig(facts: Facts): Proof | undefined {
  if (facts.evidence.guest?.transport || facts.line(BROKE_OFF, 'cloud-init')) return undefined
  const said = waitsIn(facts, 'TRANSPORT_URL_MISSING')
  if (facts.file(INFO)?.exists === true && facts.file(CONFIG)?.exists === false && (said || facts.said.length === 0)) {
    return { source: 'guest', where: 'guest', text: `${INFO} is there, ${CONFIG} is not` }
  }
  return said && facts.evidence.machine !== undefined ? saidProof(said) : undefined
}

/** Of several templates the one of the instance's datastore. */
function problemOf({ evidence }: Facts): { path: string; problem?: string } | undefined {
  const templates = (evidence.machine?.trove_conf?.templates ?? []).filter(({ problem }) => problem !== undefined)
  const datastore = evidence.trove?.instance?.datastore
  const own = datastore === undefined ? templates : templates.filter(({ path }) => path.split('/').at(-1)!.startsWith(datastore))
  return own[0] ?? (templates.length === 1 ? templates[0] : undefined)
}
