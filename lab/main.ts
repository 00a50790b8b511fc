// `npm run lab -- …`: breaks a real guest, control plane or network, and shows what diagnose says to it.
import { Command, CommanderError } from 'commander'
import { progress } from '../cli/progress.ts'
import { runFaults } from './fault-lab/run-faults.ts'
import type { LabFault } from './fault-lab/lab-fault.ts'
import { labFaults } from './faults/all.ts'

interface AdHoc {
  readonly host?: string
  readonly guest?: string
  readonly after?: string
  readonly expect?: string[]
  readonly wait: string
}

const append = (value: string, before: string[] = []) => [...before, value]

const program = new Command('npm run lab --').description('The fault lab: a real guest under QEMU, RabbitMQ and Trove, broken on purpose.').exitOverride()

program
  .command('fault')
  .description('Break a guest in these ways, one after the other, and show what diagnose says; or in a way of your own.')
  .argument('[NAME...]', 'faults of `npm run lab -- list`')
  .option('--host <COMMANDS>', 'shell commands on the host, before the guest goes on ($GUEST_CONFIG, $TROVE_CONF, $STATE, $INSTANCE … are set)')
  .option('--guest <COMMANDS>', 'shell commands as root in the guest, before our unit starts')
  .option('--after <COMMANDS>', 'shell commands as root in the guest, once it is ready')
  .option('--expect <ID>', 'cause that diagnose should name; repeatable, the earlier first', append)
  .option('--wait <SECONDS>', 'until diagnose is asked, after everything above', '30')
  .option('--record', 'keep what was seen as a recording of the tests')
  .action(async (names: string[], options: AdHoc & { record?: boolean }) => {
    const own = options.host !== undefined || options.guest !== undefined || options.after !== undefined
    if (names.length === 0 && !own) throw new Error('expected NAME or one of --host, --guest, --after; npm run lab -- list shows the names')
    await lab([...names.map(named), ...(own ? [adHoc(options)] : [])], options.record === true)
  })

program
  .command('faults')
  .description('Break it in every way there is, and print the table.')
  .option('--record', 'keep what was seen as recordings of the tests')
  .option('--from <NAME>', 'begin with this one')
  .action(async (options: { record?: boolean; from?: string }) => {
    const first = options.from === undefined ? 0 : labFaults.indexOf(named(options.from))
    await lab(labFaults.slice(first), options.record === true)
  })

program
  .command('list')
  .description('The faults that the lab can make.')
  .action(() => {
    for (const { name, expect, from, foreign, mends } of labFaults) {
      process.stdout.write(`${name.padEnd(34)} ${(expect.join(' ') || '-').padEnd(6)} ${from}${foreign ? ', without our daemon' : ''}${mends ? `, mended on the host until ${mends}` : ''}\n`)
    }
  })

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else {
    process.stderr.write(`lab: ${(error as Error).message}\n`)
    process.exitCode = 1
  }
}

async function lab(faults: readonly LabFault[], record: boolean): Promise<void> {
  const outcomes = await runFaults(faults, { record, progress: progress(process.stdout) })
  process.exitCode = outcomes.every(({ judgement, trouble }) => judgement !== 'wrong' && trouble === undefined) ? 0 : 1
}

function named(name: string): LabFault {
  const fault = labFaults.find((fault) => fault.name === name)
  if (fault === undefined) throw new Error(`there is no fault ${JSON.stringify(name)}; npm run lab -- list shows the names`)
  return fault
}

function adHoc({ host, guest, after, expect = [], wait }: AdHoc): LabFault {
  return {
    name: 'ad-hoc',
    expect,
    from: 'snapshot',
    ...(host === undefined ? {} : { host }),
    ...(guest === undefined ? {} : { guest }),
    ...(after === undefined ? {} : { after: { once: { console: /stage=ready state=done/, within: 300 }, guest: after } }),
    shows: { passed: Number(wait) },
  }
}
