import { createHash, X509Certificate } from 'node:crypto'
import { parseCredential } from '../contract/credential.ts'
import type { GuestConfig } from '../contract/guest-config.ts'
import { GUEST, UNITS } from '../contract/paths.ts'
import { addGroup, addMember, addUser, findUser, hasGroup, type AccountFiles } from './accounts.ts'
import type { BuildRecord } from './build-record.ts'
import type { Change, Content } from './change.ts'
import { planDebugUser } from './plan-debug-user.ts'
import type { Payload } from './payload.ts'
import type { Survey } from './survey.ts'
import type { UnitTexts } from './unit-texts.ts'
import type { Wish } from './wish.ts'

export interface Plan {
  readonly changes: readonly Change[]
  readonly warnings: readonly string[]
}

export interface PlanParts {
  readonly wish: Wish
  readonly survey: Survey
  readonly payload: Payload
  readonly units: UnitTexts
  readonly base: { readonly name: string; readonly sha256: string }
  readonly now: Date
}

const ROOT = { uid: 0, gid: 0 }
const DAY_MS = 86_400_000

/** Everything that will be done to the image, in order. Pure: the same parts give the same plan. */
export function planImage(parts: PlanParts): Plan {
  const { wish, survey, units } = parts
  const day = Math.floor(parts.now.getTime() / DAY_MS)
  const withAgent = addAgentUser(survey.accounts, wish.agentUser, day)
  const debug = planDebugUser(wish.debugUser, withAgent, survey, day)
  const agent = findUser(withAgent, wish.agentUser)!
  const changes: Change[] = [
    ...folders(agent),
    { kind: 'file', path: GUEST.node, mode: 0o755, ...ROOT, content: parts.payload.node },
    { kind: 'file', path: GUEST.bundle, mode: 0o644, ...ROOT, content: { text: wish.bundle.code.toString('utf8') } },
    { kind: 'file', path: GUEST.ca, mode: 0o644, ...ROOT, content: { text: wish.ca } },
    { kind: 'file', path: GUEST.config, mode: 0o600, ...ROOT, content: { text: guestConfig(wish), secret: true }, note: 'urls and bootstrap token' },
    { kind: 'file', path: `/etc/systemd/system/${UNITS.guest}`, mode: 0o644, ...ROOT, content: { text: units.guest } },
    { kind: 'file', path: `/etc/systemd/system/${UNITS.agent}`, mode: 0o644, ...ROOT, content: { text: units.agent } },
    { kind: 'file', path: '/etc/sysusers.d/trovestrap.conf', mode: 0o644, ...ROOT, content: { text: units.sysusers } },
    { kind: 'file', path: '/etc/tmpfiles.d/trovestrap.conf', mode: 0o644, ...ROOT, content: { text: units.tmpfiles } },
    { kind: 'file', path: '/etc/sudoers.d/trovestrap-agent', mode: 0o440, ...ROOT, content: { text: units.sudoers }, note: 'what the agent runs as root' },
    { kind: 'link', path: `/etc/systemd/system/multi-user.target.wants/${UNITS.guest}`, target: `/etc/systemd/system/${UNITS.guest}`, note: 'enables the daemon' },
    ...survey.foreignLinks.map(({ path, target }): Change => ({ kind: 'remove', path, note: `the image's own agent is no longer started at boot; to undo: ln -s ${target} ${path}` })),
    ...debug.changes,
    ...accountEdits(survey.accounts, debug.accounts),
    ...(survey.has.selinux ? [relabel] : []),
  ]
  const record = buildRecord(parts, changes)
  return {
    changes: [...changes, { kind: 'file', path: GUEST.buildRecord, mode: 0o644, ...ROOT, content: { text: `${JSON.stringify(record, null, 2)}\n` } }],
    warnings: [...warningsFor(survey), ...debug.warnings],
  }
}

function addAgentUser(files: AccountFiles, name: string, day: number): AccountFiles {
  const user = { name, system: true, home: '/var/lib/trove', shell: '/usr/sbin/nologin', hash: '!*', comment: 'Trove guest agent' }
  const withUser = findUser(files, name) ? files : addUser(files, user, day)
  const withDocker = hasGroup(withUser, 'docker') ? withUser : addGroup(withUser, 'docker')
  return addMember(withDocker, 'docker', name)
}

function folders(agent: { uid: number; gid: number }): Change[] {
  const kept = ['/opt', '/etc/systemd', '/etc/systemd/system', '/etc/systemd/system/multi-user.target.wants', '/etc/sysusers.d', '/etc/tmpfiles.d', '/etc/trove', '/etc/trove/conf.d', '/var', '/var/lib', '/var/log']
  const ours: [string, number, typeof ROOT][] = [
    [GUEST.payload, 0o755, ROOT],
    [`${GUEST.payload}/bin`, 0o755, ROOT],
    ['/etc/trovestrap', 0o755, ROOT],
    [GUEST.state, 0o700, ROOT],
    ['/var/lib/trove', 0o755, agent],
    ['/var/log/trove', 0o750, agent],
    ['/opt/trove-guestagent', 0o755, agent],
  ]
  return [
    ...kept.map((path): Change => ({ kind: 'folder', path, mode: 0o755, ...ROOT, keep: true })),
    { kind: 'folder', path: '/etc/sudoers.d', mode: 0o750, ...ROOT, keep: true },
    ...ours.map(([path, mode, { uid, gid }]): Change => ({ kind: 'folder', path, mode, uid, gid })),
  ]
}

function guestConfig(wish: Wish): string {
  const config: GuestConfig = { format: 1, urls: [...wish.urls], token: wish.token.reveal(), agent: { user: wish.agentUser } }
  return `${JSON.stringify(config, null, 2)}\n`
}

function accountEdits(before: AccountFiles, after: AccountFiles): Change[] {
  return (['passwd', 'group', 'shadow', 'gshadow'] as const).flatMap((name) => {
    const [old, edited] = [before[name], after[name]]
    if (!old || !edited || old.text === edited.text) return []
    const known = new Set(old.text.split('\n'))
    const added = edited.text.split('\n').filter((line) => line !== '' && !known.has(line)).map((line) => line.split(':')[0])
    const { path, mode, uid, gid } = edited
    return [{ kind: 'edit', path, mode, uid, gid, content: { text: edited.text, secret: true }, note: `lines of ${added.join(', ')}` } satisfies Change]
  })
}

/** Files written from outside have no SELinux labels. */
const relabel: Change = { kind: 'file', path: '/.autorelabel', mode: 0o644, ...ROOT, content: { text: '' }, note: 'SELinux labels are set at the first boot' }

function warningsFor({ has }: Survey): string[] {
  return [
    ...(has.sudo && has['sudoers.d'] ? [] : ['the image has no sudo that reads /etc/sudoers.d: the Trove agent ends at its first command that needs root. Install sudo in it']),
    ...(has.python ? [] : ['the image has no /usr/bin/python3: the Trove agent is written in Python. Install python3 in it']),
    ...(has['cloud-init'] ? [] : ['the image has no cloud-init: Trove injects its files through it. Install cloud-init in it']),
  ]
}

function buildRecord({ wish, survey, payload, base, now }: PlanParts, changes: readonly Change[]): BuildRecord {
  const token = parseCredential(wish.token.reveal())
  return {
    format: 1,
    built: now.toISOString(),
    version: wish.version,
    base,
    os: survey.os,
    architecture: survey.architecture,
    node: { version: payload.version, sha256: payload.node.sha256 },
    bundle: { sha256: wish.bundle.sha256 },
    urls: [...wish.urls],
    token: token?.kind === 'bootstrap' ? token.id : '',
    ca: new X509Certificate(wish.ca).fingerprint256,
    agent_user: wish.agentUser,
    ...(wish.debugUser ? { debug_user: wish.debugUser.name } : {}),
    files: changes.flatMap((change) => (change.kind === 'file' ? [{ path: change.path, mode: change.mode, uid: change.uid, gid: change.gid, sha256: digestOf(change.content) }] : [])),
    links: changes.flatMap((change) => (change.kind === 'link' ? [{ path: change.path, target: change.target }] : [])),
    edited: changes.flatMap((change) => (change.kind === 'edit' ? [{ path: change.path, note: change.note }] : [])),
    removed: [...survey.foreignLinks],
  }
}

function digestOf(content: Content): string {
  return 'text' in content ? createHash('sha256').update(content.text).digest('hex') : content.sha256
}
