import { readFile } from 'node:fs/promises'
import { OsloConfig } from '../../contract/oslo-config.ts'
import { checkGuestConfig } from './check.ts'
import { convertRemovedOptions } from './convert-removed-options.ts'
import type { Finding } from './finding.ts'
import type { GuestConfigSettings } from '../settings.ts'

export type { Finding } from './finding.ts'

/** The host's configuration for guests cannot be had at all. */
export class GuestConfigError extends Error {
  override readonly name = 'GuestConfigError'
}

/**
 * Makes what guests get of the host's trove-guestagent.conf: overrides in, [service_credentials] out, options of before 2018 turned into
 * today's; comments and order stay. The text holds passwords; the findings never do.
 * @throws GuestConfigError when the file cannot be read
 * @throws OsloConfigError when oslo.config would refuse it
 */
export async function renderGuestConfig(settings: GuestConfigSettings): Promise<{ text: string; findings: Finding[] }> {
  const guest = OsloConfig.parse(await read(settings.path), settings.path)
  for (const [section, options] of Object.entries(settings.overrides)) {
    for (const [option, value] of Object.entries(options)) guest.set(section, option, value)
  }
  if (!settings.service_credentials) guest.dropSection('service_credentials')
  const converted = convertRemovedOptions(guest)
  const { trove, missing } = await readTrove(settings.trove_conf)
  return { text: guest.toString(), findings: [...converted, ...checkGuestConfig(guest, trove), ...missing] }
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const mend = code === 'ENOENT' ? 'write it, or set guest_config.path to where it is' : 'let the user of host-server read it'
    throw new GuestConfigError(`guest_config.path ${path} cannot be read (${code}); ${mend}`, { cause: error })
  }
}

async function readTrove(path: string): Promise<{ trove?: OsloConfig; missing: Finding[] }> {
  try {
    return { trove: OsloConfig.parse(await readFile(path, 'utf8'), path), missing: [] }
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message
    const message = `expected trove.conf at ${path} to compare with, got ${why}: nothing was compared`
    return { missing: [{ level: 'warning', section: 'DEFAULT', option: 'control_exchange', message, mend: 'set guest_config.trove_conf to the trove.conf of the control plane' }] }
  }
}
