import { readFile } from 'node:fs/promises'

const FOLDER = new URL('../../systemd/', import.meta.url)

/** The guest's part of systemd/, by what each file is. */
export interface UnitTexts {
  readonly guest: string
  readonly agent: string
  readonly agentFailed: string
  readonly renew: string
  readonly renewTimer: string
  readonly sysusers: string
  readonly tmpfiles: string
  readonly sudoers: string
}

/** @param user as whom the agent runs; the shipped files say `trove` */
export async function readUnitTexts(user: string): Promise<UnitTexts> {
  const [guest, agent, agentFailed, renew, renewTimer, sysusers, tmpfiles, sudoers] = await Promise.all(
    ['guest.service', 'agent.service', 'agent-failed.service', 'renew.service', 'renew.timer', 'guest.sysusers', 'guest.tmpfiles', 'agent.sudoers'].map((name) => readFile(new URL(`trovestrap-${name}`, FOLDER), 'utf8')),
  )
  return {
    guest: guest!,
    agent: agent!.replace(/^User=trove$/m, `User=${user}`),
    agentFailed: agentFailed!,
    renew: renew!,
    renewTimer: renewTimer!,
    sysusers: sysusers!.replace(/^([um]) trove /gm, `$1 ${user} `),
    tmpfiles: tmpfiles!.replaceAll(' trove trove ', ` ${user} ${user} `),
    sudoers: sudoers!.replace(/^Defaults:trove /gm, `Defaults:${user} `).replace(/^trove ALL/m, `${user} ALL`),
  }
}
