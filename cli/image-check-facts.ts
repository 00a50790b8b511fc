import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { OsloConfig } from '../contract/oslo-config.ts'
import type { Settings } from '../host-server/settings.ts'
import { pythonNeeds } from '../host-server/snapshot/python-needs.ts'
import { TreeFiles } from '../host-server/snapshot/tree-files.ts'
import { stateFolder } from '../host-server/state-folder.ts'
import type { TokenRecord } from '../host-server/store/store.ts'
import type { CheckFacts, TokenState } from '../image-builder/check/finding.ts'
import { settingsAtHand } from './settings-file.ts'
import { withStore } from './with-store.ts'

export interface CheckOptions {
  readonly injectedOwner?: string
  readonly pythonRequires?: string
}

/** Trove's own defaults. */
const INJECTED_OWNER = 'ubuntu'
const DATABASE_UID = 1001

/** What this host knows about the guests of an image, from options, configuration and state; works without any of them. */
export async function checkFacts(options: CheckOptions, command: Command): Promise<Omit<CheckFacts, 'space' | 'now'>> {
  const settings = settingsAtHand(command, 'nothing was checked')
  const state = settings && stateFolder(settings.state)
  const tokens = state && existsSync(state.database) ? await withStore(command, (store) => store.tokens.list()) : undefined
  return {
    injectedOwner: options.injectedOwner ?? (settings && optionOf(settings.guest_config.trove_conf, 'injected_config_owner')) ?? INJECTED_OWNER,
    databaseUid: DATABASE_UID,
    pythonRequires: options.pythonRequires ?? (settings && (await requiresOf(settings))),
    ...(state ? { ca: text(state.ca) } : {}),
    ...(tokens ? { tokenState: async (id) => stateOf(tokens.find((token) => token.id === id), new Date()) } : {}),
  }
}

async function requiresOf({ source }: Settings): Promise<string | undefined> {
  const files = new TreeFiles()
  for (const name of ['setup.cfg', 'pyproject.toml', 'PKG-INFO']) {
    const content = text(join(source.path, name))
    if (content !== undefined) files.keep(name, Buffer.from(content))
  }
  const { requires } = await pythonNeeds(files, { requirements: [] })
  return requires === '' ? undefined : requires
}

function optionOf(file: string, option: string): string | undefined {
  try {
    return OsloConfig.parse(readFileSync(file, 'utf8'), file).get('DEFAULT', option)
  } catch {
    // It is for comparison only: `serve` says what is wrong with it.
    return undefined
  }
}

function stateOf(token: TokenRecord | undefined, now: Date): TokenState {
  if (!token) return 'unknown'
  if (token.revoked !== undefined) return 'revoked'
  return new Date(token.expires) <= now ? 'expired' : 'valid'
}

/** undefined when it cannot be read, which is then not known. */
function text(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
