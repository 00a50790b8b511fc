import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { initialise, type Initialised, type Renewal } from '../host-server/pki/initialise.ts'
import { writeBeside } from '../host-server/pki/write-beside.ts'
import { explainAccess } from '../host-server/settings/explain-access.ts'
import { findSettingsFile, isThere } from '../host-server/settings/find-file.ts'
import { newSettingsFile, ownNames, usualState } from '../host-server/settings/new-file.ts'
import { CliError } from './exit.ts'
import { explainSetup } from './explain-setup.ts'
import { initText } from './init-text.ts'
import { settingsOrExplain } from './settings-file.ts'

interface InitOptions extends Renewal {
  readonly name?: string[]
  readonly state?: string
  readonly json?: boolean
}

/** `trovestrap init` */
export function registerInit(program: Command): void {
  program
    .command('init')
    .description('Make configuration file, keys, certificate, first bootstrap token and database. What is there stays as it is.')
    .option('--name <NAME>', 'name or address by which guests reach this host, for a new configuration file; repeatable (default: those of this host)', append)
    .option('--state <FOLDER>', 'state folder, for a new configuration file')
    .option('--renew', 'make a new server certificate with the names of the configuration; images stay good')
    .option('--new-signing-key', 'make a new key that signs manifests; guests learn it from this host by themselves')
    .option('--new-operator-token', 'make a new operator token; the old one opens nothing once host-server has taken the new')
    .option('--new-ca', 'make a new CA and server certificate; images have to be built again, and running guests need the new CA')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExamples:\n  trovestrap init\n  trovestrap init --name controller --name 192.0.2.10\n  trovestrap init --renew\n  trovestrap init --new-signing-key --new-operator-token\n\nExit codes: 0 well (also when nothing was left to do), 1 failed, 2 wrong usage or configuration.')
    .action(async (options: InitOptions, command: Command) => {
      const file = findSettingsFile(command.optsWithGlobals<{ config?: string }>().config) ?? usualFile()
      const wrote = !isThere(file)
      if (wrote) writeSettings(file, options)
      else refuseSecondSaying(file, options)
      const settings = settingsOrExplain(file, 'nothing was made')
      const done = await explainSetup(() => initialise(settings, options))
      const result = { file, wrote, state: settings.state, source: settings.source.path, names: settings.names, ...done }
      process.stdout.write(options.json ? `${JSON.stringify(asJson(result), null, 2)}\n` : initText(result))
    })
}

function append(name: string, before: string[] | undefined): string[] {
  return [...(before ?? []), name]
}

const isRoot = (): boolean => process.getuid?.() === 0

function usualFile(): string {
  return isRoot() ? '/etc/trovestrap/config.yaml' : join(homedir(), '.config/trovestrap/config.yaml')
}

function writeSettings(file: string, options: InitOptions): void {
  const names = options.name ?? ownNames()
  if (names.length === 0) throw new CliError('this machine has no name and no address that guests could use.\n  trovestrap init --name NAME_OR_ADDRESS')
  try {
    mkdirSync(dirname(file), { recursive: true })
    const state = options.state === undefined ? usualState(homedir(), isRoot()) : resolve(options.state)
    // Root's is read by the user that host-server runs as, through the folder's group.
    writeBeside(file, newSettingsFile({ names, state }), isRoot() ? 0o640 : 0o600)
  } catch (error) {
    throw new CliError(explainAccess(file, error).replace('readable', 'writable'), undefined, { cause: error })
  }
}

/** Names and state of a file that is there are changed in the file, where everybody looks for them. */
function refuseSecondSaying(file: string, { name, state }: InitOptions): void {
  const said = [...(name ? ['--name'] : []), ...(state === undefined ? [] : ['--state'])]
  if (said.length > 0) throw new CliError(`${file} is there already, so ${said.join(' and ')} would change nothing.\n  edit it, then: trovestrap init --renew`)
}

function asJson({ token, ...rest }: Initialised & { file: string; wrote: boolean }) {
  return { ...rest, ...(token === undefined ? {} : { token: token.reveal() }) }
}
