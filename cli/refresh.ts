import type { Command } from 'commander'
import { shortRevision } from '../contract/manifest.ts'
import { CliError } from './exit.ts'
import { operatorAccess } from './operator-access.ts'
import { OperatorClient } from './operator-client.ts'
import { plainJson } from './plain-json.ts'
import { settingsFile } from './settings-file.ts'

interface RefreshOptions {
  all?: boolean
  json?: boolean
  url?: string
}

/** `trovestrap refresh INSTANCE|--all` */
export function registerRefresh(program: Command): void {
  program
    .command('refresh')
    .description('Read the tree again and have guests that follow it fetch anew and restart their agent, also one that was rolled back.')
    .argument('[INSTANCE]', 'id of an instance, the beginning of it, or its name')
    .option('--all', 'every guest that follows and is not held')
    .option('--json', 'for programs')
    .option('--url <URL>', 'where host-server listens (default: this host, port from the configuration)')
    .addHelpText('after', '\nExamples:\n  trovestrap refresh db-1\n  trovestrap refresh --all\n\nExit codes: 0 well, 1 the guest does not follow, is held, or host-server does not answer, 2 wrong usage.')
    .action(async (text: string | undefined, options: RefreshOptions, command: Command) => {
      if ((text === undefined) === (options.all !== true)) throw new CliError('expected an INSTANCE or --all.')
      const client = new OperatorClient(operatorAccess(settingsFile(command), options.url))
      const { revision, refreshed } = await client.refresh(text === undefined ? undefined : (await client.find(text)).instance)
      const words = refreshed.length === 0 ? 'no guest follows; revision' : `${refreshed.length === 1 ? refreshed[0] : `${refreshed.length} guests`} fetch revision`
      process.stdout.write(options.json ? plainJson({ revision, refreshed }) : `${words} ${shortRevision(revision)}${refreshed.length === 0 ? ' is served' : ''}\n`)
    })
}
