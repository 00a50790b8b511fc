import { InvalidArgumentError, type Command } from 'commander'
import { DURATION_FORM, parseDuration } from '../host-server/settings/duration.ts'
import type { Store, WaitingRecord } from '../host-server/store/store.ts'
import { CliError, EXIT } from './exit.ts'
import { plainJson } from './plain-json.ts'
import { waitingText } from './status-view.ts'
import { withStore } from './with-store.ts'

interface ApproveOptions {
  key?: string
  open?: number
  close?: boolean
  json?: boolean
}

/** Seconds within which an approved guest has to ask; it asks four times a minute once it is up. */
const APPROVED_FOR = 3600
const LONGEST_OPEN = 7 * 86_400

/** `trovestrap approve [INSTANCE]` */
export function registerApprove(program: Command): void {
  program
    .command('approve')
    .description('Let a new instance enrol, where no OpenStack attests it; without INSTANCE, list who waits.')
    .argument('[INSTANCE]', 'id of the instance that may enrol; the beginning is enough for one that waits')
    .option('--key <KEY>', 'the beginning of KEY, where two guests claim to be this instance')
    .option('--open <DURATION>', 'let every guest with a valid token in for so long, such as 2h (7d at most)', openSeconds)
    .option('--close', 'end that')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      `
A token lies in every guest of an image, so it does not prove which instance a guest is. Where openstack: is
configured, Trove, Nova and Neutron attest that; elsewhere the operator does, here. An approval is for one
enrolment within an hour, and may be given before the guest asks.

Examples:
  trovestrap approve
  trovestrap approve 5b2d1f3e
  trovestrap approve --open 2h

Exit codes: 0 well, 1 nobody waits by that name or it is enrolled already, 2 wrong usage or configuration.`,
    )
    .action(async (text: string | undefined, options: ApproveOptions, command: Command) => {
      if ([text, options.open, options.close].filter((one) => one !== undefined).length > 1) throw new CliError('expected one of INSTANCE, --open and --close.')
      process.stdout.write(await withStore(command, (store) => approve(store, text?.toLowerCase(), options, new Date())))
    })
}

function approve({ approvals, instances }: Store, text: string | undefined, { key, open, close, json }: ApproveOptions, now: Date): string {
  const said = (value: object, words: string): string => (json ? plainJson(value) : words)
  if (open !== undefined) {
    const until = approvals.open(open, now)
    return said({ open_until: until }, `every guest with a valid token may enrol until ${until}; trovestrap approve --close ends that\n`)
  }
  if (close) {
    approvals.open(0, now)
    return said({ open_until: null }, 'new guests wait for approval from now on\n')
  }
  const waiting = approvals.waiting()
  const openUntil = approvals.openUntil(now)
  if (text === undefined) {
    const everybody = openUntil === undefined ? '' : `Every guest with a valid token may enrol until ${openUntil}.\n`
    return said({ waiting, ...(openUntil === undefined ? {} : { open_until: openUntil }) }, (waiting.length === 0 ? 'Nobody waits for approval.\n' : waitingText(waiting, now.getTime())) + everybody)
  }
  const found = oneOf(waiting, text, key)
  if (!found && instances.get(text)) throw new CliError(`instance ${text} is enrolled already.\n  trovestrap forget ${text}      lets a rebuilt one enrol with another key`, EXIT.failed)
  approvals.approve(found?.instance ?? text, found?.key, APPROVED_FOR, now)
  return said({ instance: found?.instance ?? text, ...(found ? { key: found.key, address: found.address } : {}) }, found ? `instance ${found.instance} at ${found.address} may enrol; it asks again by itself\n` : `the first guest that asks as instance ${text} within an hour may enrol\n`)
}

/** @returns undefined where nobody waits and the id is whole: then it is approved ahead. @throws CliError where it is not clear who is meant */
function oneOf(waiting: readonly WaitingRecord[], text: string, key: string | undefined): WaitingRecord | undefined {
  const fitting = waiting.filter((one) => one.instance.startsWith(text) && (key === undefined || one.key.startsWith(key.toLowerCase())))
  if (fitting.length === 1) return fitting[0]
  if (fitting.length > 1) {
    const same = fitting.every(({ instance }) => instance === fitting[0]!.instance)
    const who = fitting.slice(0, 5).map((one) => `  trovestrap approve ${one.instance}${same ? ` --key ${one.key.slice(0, 8)}` : ''}      from ${one.address}`)
    throw new CliError(`${same ? `${fitting.length} guests claim to be instance ${fitting[0]!.instance}; ask Nova for its address` : `${text} fits ${fitting.length} instances`}.\n${who.join('\n')}`)
  }
  if (key === undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return undefined
  throw new CliError(`nobody who waits for approval has that id${key === undefined ? '' : ' and that key'}; an approval ahead wants the whole id.\n  trovestrap approve     lists who waits`, EXIT.failed)
}

function openSeconds(text: string): number {
  const value = parseDuration(text)
  if (value === undefined || value > LONGEST_OPEN) throw new InvalidArgumentError(`expected ${DURATION_FORM}, 7d at most.`)
  return value
}
