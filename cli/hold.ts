import type { Command } from 'commander'
import { operatorAccess } from './operator-access.ts'
import { OperatorClient } from './operator-client.ts'
import { settingsFile } from './settings-file.ts'

/** `trovestrap hold INSTANCE`, `trovestrap release INSTANCE` */
export function registerHold(program: Command): void {
  verb(program, 'hold', 'Leave a guest as it is while you debug in it by hand: no change of the tree reaches it.', (id) => `${id} is held; trovestrap release ${id} lets it go on\n`)
}

export function registerRelease(program: Command): void {
  verb(program, 'release', 'Let a held guest go on: it takes what is served now.', (id) => `${id} goes on\n`)
}

function verb(program: Command, name: 'hold' | 'release', description: string, said: (id: string) => string): void {
  program
    .command(name)
    .description(description)
    .argument('INSTANCE', 'id of an instance, the beginning of it, or its name')
    .option('--url <URL>', 'where host-server listens (default: this host, port from the configuration)')
    .addHelpText('after', `\nExamples:\n  trovestrap ${name} db-1\n\nExit codes: 0 well, 1 no such instance or host-server does not answer, 2 wrong usage.`)
    .action(async (text: string, options: { url?: string }, command: Command) => {
      const client = new OperatorClient(operatorAccess(settingsFile(command), options.url))
      const { instance } = await client.find(text)
      await client[name](instance)
      process.stdout.write(said(instance))
    })
}
