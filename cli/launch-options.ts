import { InvalidArgumentError, Option, type Command } from 'commander'
import { DURATION_FORM, parseDuration } from '../host-server/settings/duration.ts'
import type { LaunchWish } from '../instances/launch/wish.ts'
import { withCloudOption } from './cloud-option.ts'
import { CliError } from './exit.ts'
import { collect } from './image-work.ts'

export interface LaunchOptions {
  readonly datastore: string
  readonly version?: string
  readonly flavor: string
  readonly size?: number
  readonly network?: readonly string[]
  readonly database: readonly string[]
  readonly user: readonly string[]
  readonly passwordFile?: string
  readonly novaAz?: string
  readonly wait?: boolean
  /** Seconds. */
  readonly timeout: number
  readonly plan?: boolean
  readonly json?: boolean
  readonly url?: string
  readonly troveConf?: string
  readonly osCloud?: string
}

export function withLaunchOptions(command: Command): Command {
  return withCloudOption(
    command
      .requiredOption('--datastore <NAME>', 'which database: name or id of a datastore of Trove, such as mysql')
      .option('--version <VERSION>', "its version: name, number or id (default: the datastore's default)")
      .requiredOption('--flavor <NAME|ID>', 'size of the virtual machine')
      .option('--size <GB>', 'of the data volume, where this Trove makes volumes', gibibytes)
      .option('--network <NAME|ID>', "network of the database's users (Trove takes one; default: as Trove is configured)", collect)
      .option('--database <NAME>', 'make this database; may be given several times', collect, [])
      .option('--user <NAME>', 'make this user, with access to these databases; may be given several times. Its password is asked for, or see --password-file', collect, [])
      .option('--password-file <FILE>', 'passwords of the users, NAME:PASSWORD a line, mode 0600; who is not in it is given a password, and written there')
      .option('--nova-az <NAME>', 'availability zone of Nova')
      .option('--wait', 'watch it until its database greets, or until it is known why not')
      .addOption(timeoutOption('how long to wait at most', '40m'))
      .option('--plan', 'say what would be asked for, and ask for nothing')
      .option('--json', 'for programs')
      .option('--url <URL>', 'where host-server listens (default: this host, port from the configuration)')
      .option('--trove-conf <FILE>', 'trove.conf of the control plane, for a diagnosis (default: as configured, else /etc/trove/trove.conf)'),
  )
}

/** @throws CliError for what can be seen to be wrong without asking anybody */
export function wishOf(name: string, { datastore, version, flavor, size, network = [], database, user, passwordFile, novaAz }: LaunchOptions): LaunchWish {
  // Trove's own rule (apischema.py, non_empty_string).
  if (!/[0-9a-zA-Z]/.test(name) || name.length > 255) throw new CliError('expected a NAME of at most 255 characters with a letter or a digit in it')
  if (network.length > 1) throw new CliError(`Trove takes one network for an instance, got ${network.length}: ${network.join(', ')}.\n  The network of its agent is added by Trove: management_networks in trove.conf`)
  if (user.length > 0 && database.length === 0) throw new CliError('--user makes users of the databases that --database makes, and none is named')
  if (passwordFile !== undefined && user.length === 0) throw new CliError('--password-file holds the passwords of users, and --user names none')
  return {
    ...{ name, datastore, flavor, databases: database, users: user },
    ...(version === undefined ? {} : { version }),
    ...(size === undefined ? {} : { size }),
    ...(network[0] === undefined ? {} : { network: network[0] }),
    ...(novaAz === undefined ? {} : { availabilityZone: novaAz }),
  }
}

function gibibytes(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('expected a number of gibibytes from 1 up.')
  return Number(text)
}

/** How long to wait. @param standard as one types it: `5m` */
export function timeoutOption(what: string, standard: string): Option {
  return new Option('--timeout <DURATION>', what).argParser(seconds).default(seconds(standard), standard)
}

function seconds(text: string): number {
  const value = parseDuration(text)
  if (value === undefined) throw new InvalidArgumentError(`expected ${DURATION_FORM}.`)
  return value
}
