import { InvalidArgumentError, type Command } from 'commander'
import { INSTANCE_ID } from '../contract/credential.ts'
import { printable } from '../diagnosis/printable.ts'
import type { AuditRecord } from '../host-server/store/store.ts'
import { table } from './table.ts'
import { withStore } from './with-store.ts'

interface AuditOptions {
  last: number
  after?: number
  instance?: string
  json?: boolean
}

/** `trovestrap audit` */
export function registerAudit(program: Command): void {
  program
    .command('audit')
    .description('Show what was granted and what was refused: enrolments, configurations, tokens, approvals, revocations.')
    .option('--last <NUMBER>', 'the newest so many', number, 50)
    .option('--after <ROW>', 'only what came after this row (--json names them), to go on from', number)
    .option('--instance <ID>', 'of one instance', instanceId)
    .option('--json', 'for programs: one object a line')
    .addHelpText(
      'after',
      `
It cannot be turned off. The newest 100,000 grants and as many refusals are kept. A refusal that comes again
within a minute is counted, not repeated.

Examples:
  trovestrap audit --last 20
  trovestrap audit --instance 5b2d1f3e-0000-4000-8000-000000000001
  trovestrap audit --json --last 100000 | jq 'select(.outcome == "refused")'

Exit codes: 0 well, 2 wrong usage or configuration.`,
    )
    .action(async ({ last, after, instance, json }: AuditOptions, command: Command) => {
      const wish = { last, ...(after === undefined ? {} : { after }), ...(instance === undefined ? {} : { instance }) }
      const records = await withStore(command, ({ audit }) => audit.list(wish))
      if (json) process.stdout.write(records.map((record) => `${JSON.stringify(record)}\n`).join(''))
      else process.stdout.write(records.length === 0 ? 'Nothing was granted or refused yet.\n' : table([HEADING, ...records.map(row)]))
    })
}

const HEADING = ['WHEN', 'OUTCOME', 'WHAT', 'BY', 'INSTANCE', 'ADDRESS', 'DETAIL']

function row({ at, outcome, event, by, instance, address, detail, count }: AuditRecord): string[] {
  const times = count > 1 ? ` (${count} times)` : ''
  return [at.slice(0, 19).replace('T', ' '), outcome, event, by, instance ?? '-', address ?? '-', `${detail ?? ''}${times}`].map(printable)
}

function number(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a number.')
  return Number(text)
}

function instanceId(text: string): string {
  if (!INSTANCE_ID.test(text.toLowerCase())) throw new InvalidArgumentError('expected the id of an instance, a UUID.')
  return text.toLowerCase()
}
