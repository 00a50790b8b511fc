import { BlockList, isIP, isIPv4 } from 'node:net'
import { InvalidArgumentError, type Command } from 'commander'
import { checks } from '../diagnosis/doctor/checks.ts'
import type { Check } from '../diagnosis/doctor/check.ts'
import { checklist } from '../diagnosis/doctor/checklist.ts'
import { examine, NOBODY } from '../diagnosis/doctor/examine.ts'
import { withCloudOption } from './cloud-option.ts'
import { collectEvidence } from './diagnose-collect.ts'
import { hostOf } from './diagnose-host.ts'
import { terminal } from './diagnose-one.ts'
import { lookProgress } from './diagnose-progress.ts'
import { hostSources, type DoctorOptions } from './doctor-sources.ts'
import { CliError, EXIT } from './exit.ts'
import { plainJson } from './plain-json.ts'

/** Seconds: a cloud that has just been started answers late, and nobody waits for an instance meanwhile. */
const PATIENCE = 20
const LONGEST = 120
const EXITS = { well: EXIT.well, fault: EXIT.causeFound, undecided: EXIT.undecided } as const

/** `trovestrap doctor` */
export function registerDoctor(program: Command): void {
  withCloudOption(program.command('doctor').description('Check everything on this host that a bring-up needs, before there is an instance: what was found, and what to type. Changes nothing.'))
    .option('--json', 'for programs')
    .option('--only <CHECK...>', `these checks alone: ${checks.map(({ name }) => name).join(', ')}`, checkNamed)
    .option('--guests <CIDR>', "the guests' network, such as 10.0.0.0/24: whether this host's packet filter lets them through", network)
    .option('--address <ADDRESS>', 'by which guests reach this host (default: `names` of the configuration)', address)
    .option('--trove-conf <FILE>', 'trove.conf of the control plane (default: as configured, else /etc/trove/trove.conf)')
    .option('--rabbitmq-log <FILE>', "RabbitMQ's log (default: its usual places)")
    .option('--patience <SECONDS>', `how long to wait for OpenStack at most (default: ${PATIENCE})`, seconds)
    .addHelpText('after', HELP)
    .action(async (options: DoctorOptions & { json?: boolean; only?: Check[]; patience?: number }, command: Command) => {
      const began = performance.now()
      const chosen = options.only ?? checks
      const host = hostOf(command.optsWithGlobals<{ config?: string }>().config, options)
      const sources = await hostSources(host, options, new Set(chosen.flatMap((check) => check.sources)))
      using shown = lookProgress('this host', sources.collectors.map(({ source }) => source))
      const evidence = await collectEvidence({ instance: NOBODY }, sources, began, shown.done, (options.patience ?? PATIENCE) * 1000)
      const examination = examine(evidence, chosen)
      process.stdout.write(options.json ? plainJson(examination) : checklist(examination, terminal()))
      const code = EXITS[examination.verdict]
      if (code !== EXIT.well) throw new CliError('', code)
    })
}

const HELP = `
Examples:
  sudo trovestrap doctor
  trovestrap doctor --guests 10.0.0.0/24 --address 10.0.0.1
  trovestrap doctor --only rabbitmq queues
  trovestrap doctor --json

A user of RabbitMQ is tried as a guest would use it, with a queue that ends with its connection. Faults have the names that diagnose gives them:
trovestrap causes NAME tells more of one.

Exit codes: 0 all well, 1 failed, 2 wrong usage, 3 a fault was found, 4 something decisive could not be looked at.`

function checkNamed(name: string, before: readonly Check[] = []): Check[] {
  const check = checks.find((one) => one.name === name)
  if (check === undefined) throw new InvalidArgumentError(`expected one of ${checks.map((one) => one.name).join(', ')}.`)
  return before.includes(check) ? [...before] : [...before, check]
}

function seconds(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) < 1 || Number(text) > LONGEST) throw new InvalidArgumentError(`expected 1 to ${LONGEST} seconds.`)
  return Number(text)
}

function network(text: string): string {
  const [base = '', length = ''] = text.split('/')
  if (!isIPv4(base) || !/^\d{1,2}$/.test(length) || Number(length) > 32) throw new InvalidArgumentError('expected a network such as 10.0.0.0/24.')
  return text
}

function address(text: string): string {
  const own = new BlockList()
  own.addSubnet('127.0.0.0', 8)
  if (isIP(text) === 0) throw new InvalidArgumentError('expected an IP address.')
  if (text === '::1' || own.check(text, isIPv4(text) ? 'ipv4' : 'ipv6')) throw new InvalidArgumentError('in a guest that is the guest itself.')
  return text
}
