import type { GuestConfig } from '../../contract/guest-config.ts'
import { GUEST, UNITS } from '../../contract/paths.ts'
import type { Change } from '../change.ts'
import type { Payload } from '../payload.ts'
import type { Wish } from '../wish.ts'
import { addGroup, addMember, addUser, findUser, hasGroup, type AccountFiles } from './accounts.ts'
import { behindNote, putBehind } from './foreign-units.ts'
import type { Survey } from './survey.ts'
import type { UnitTexts } from './unit-texts.ts'

const ROOT = { uid: 0, gid: 0 }

/** The daemon, its units and the agent's user. */
export function planDaemon(wish: Wish, survey: Survey, payload: Payload, units: UnitTexts): { accounts: AccountFiles; changes: Change[]; warnings: string[] } {
  const accounts = addAgentUser(survey, wish.agentUser)
  const changes: Change[] = [
    ...folders(findUser(accounts, wish.agentUser)!),
    { kind: 'file', path: GUEST.node, mode: 0o755, ...ROOT, content: payload.node },
    { kind: 'file', path: GUEST.bundle, mode: 0o644, ...ROOT, content: { text: wish.bundle.code.toString('utf8') } },
    { kind: 'file', path: GUEST.ca, mode: 0o644, ...ROOT, content: { text: wish.ca } },
    { kind: 'file', path: GUEST.config, mode: 0o600, ...ROOT, content: { text: guestConfig(wish), secret: true }, note: wish.token ? 'urls and bootstrap token' : 'urls; no token' },
    { kind: 'file', path: `/etc/systemd/system/${UNITS.guest}`, mode: 0o644, ...ROOT, content: { text: units.guest } },
    { kind: 'file', path: `/etc/systemd/system/${UNITS.agent}`, mode: 0o644, ...ROOT, content: { text: units.agent } },
    { kind: 'file', path: `/etc/systemd/system/${UNITS.agentFailed}`, mode: 0o644, ...ROOT, content: { text: units.agentFailed } },
    { kind: 'file', path: `/etc/systemd/system/${UNITS.renew}`, mode: 0o644, ...ROOT, content: { text: units.renew } },
    { kind: 'file', path: `/etc/systemd/system/${UNITS.renewTimer}`, mode: 0o644, ...ROOT, content: { text: units.renewTimer } },
    { kind: 'file', path: '/etc/sysusers.d/trovestrap.conf', mode: 0o644, ...ROOT, content: { text: units.sysusers } },
    { kind: 'file', path: '/etc/tmpfiles.d/trovestrap.conf', mode: 0o644, ...ROOT, content: { text: units.tmpfiles } },
    { kind: 'file', path: '/etc/sudoers.d/trovestrap-agent', mode: 0o440, ...ROOT, content: { text: units.sudoers }, note: 'what the agent runs as root' },
    { kind: 'link', path: `/etc/systemd/system/multi-user.target.wants/${UNITS.guest}`, target: `/etc/systemd/system/${UNITS.guest}`, note: 'enables the daemon' },
    { kind: 'link', path: `/etc/systemd/system/timers.target.wants/${UNITS.renewTimer}`, target: `/etc/systemd/system/${UNITS.renewTimer}`, note: 'renews the credential of a guest that runs for months' },
    ...survey.foreignUnits.map(putBehind),
    ...(survey.has.selinux ? [relabel] : []),
  ]
  return { accounts, changes, warnings: [...lacking(survey), ...survey.foreignUnits.map(behindNote)] }
}

/** Files written from outside have no SELinux labels. */
export const relabel: Change = { kind: 'file', path: '/.autorelabel', mode: 0o644, ...ROOT, content: { text: '' }, note: 'SELinux labels are set at the first boot' }

function addAgentUser({ accounts, programs }: Survey, name: string): AccountFiles {
  const user = { name, system: true, home: '/var/lib/trove', shell: programs.nologin, hash: '!*', comment: 'Trove guest agent' }
  const withUser = findUser(accounts, name) ? accounts : addUser(accounts, user)
  const withDocker = hasGroup(withUser, 'docker') ? withUser : addGroup(withUser, 'docker')
  return addMember(withDocker, 'docker', name)
}

function folders(agent: { uid: number; gid: number }): Change[] {
  const kept = ['/opt', '/etc/systemd', '/etc/systemd/system', '/etc/systemd/system/multi-user.target.wants', '/etc/systemd/system/timers.target.wants', '/etc/sysusers.d', '/etc/tmpfiles.d', '/etc/trove', '/etc/trove/conf.d', '/var', '/var/lib', '/var/log']
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
  const config: GuestConfig = { format: 1, urls: [...wish.urls], ...(wish.token ? { token: wish.token.reveal() } : {}), agent: { user: wish.agentUser } }
  return `${JSON.stringify(config, null, 2)}\n`
}

function lacking({ has }: Survey): string[] {
  return [
    ...(has.sudo && has['sudoers.d'] ? [] : ['the image has no sudo that reads /etc/sudoers.d: the Trove agent ends at its first command that needs root. Install sudo in it']),
    ...(has.python ? [] : ['the image has no /usr/bin/python3: the Trove agent is written in Python. Install python3 in it']),
    ...(has['cloud-init'] ? [] : ['the image has no cloud-init: Trove injects its files through it. Install cloud-init in it']),
  ]
}
