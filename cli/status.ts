import type { Command } from 'commander'
import type { InstanceDetail, InstanceList } from '../contract/operator-view.ts'
import { CliError, EXIT } from './exit.ts'
import { OperatorClient } from './operator-client.ts'
import { operatorAccess } from './operator-access.ts'
import { plainJson } from './plain-json.ts'
import { settingsFile } from './settings-file.ts'
import { detailText, listText } from './status-view.ts'
import { watch } from './watch.ts'

interface StatusOptions {
  watch?: boolean
  json?: boolean
  url?: string
}

/** `trovestrap status [INSTANCE]` */
export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('Show where every guest stands, or one guest stage by stage.')
    .argument('[INSTANCE]', 'id of an instance, the beginning of it, or its name')
    .option('--watch', 'go on showing it as it changes, until Ctrl-C')
    .option('--json', 'for programs; with --watch one line a change')
    .option('--url <URL>', 'where host-server listens (default: this host, port from the configuration)')
    .addHelpText('after', '\nExamples:\n  trovestrap status\n  trovestrap status 5b2d1f3e --watch\n  trovestrap status --json | jq .instances[].latest.stage')
    .action(async (instance: string | undefined, options: StatusOptions, command: Command) => {
      const client = new OperatorClient(operatorAccess(settingsFile(command), options.url))
      const id = instance === undefined ? undefined : (await client.find(instance)).instance
      const look = () => (id === undefined ? client.instances() : client.instance(id))
      const text = (seen: InstanceList | InstanceDetail) => (options.json ? plainJson(seen, 0) : asText(seen))
      if (options.watch) await watch(async () => text(await look()), { inPlace: !options.json && process.stdout.isTTY === true })
      else process.stdout.write(options.json ? plainJson(await look()) : text(await look()))
    })
}

function asText(seen: InstanceList | InstanceDetail): string {
  if ('instances' in seen) return listText(seen, Date.now())
  if ('reports' in seen) return detailText(seen, Date.now())
  throw new CliError('host-server gave an answer of another version', EXIT.failed)
}
