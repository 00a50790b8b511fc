import { InvalidArgumentError, type Command } from 'commander'
import { SOURCES, type Source } from '../diagnosis/evidence.ts'

/** A place to log in to; without a host it is the guest, wherever others know it to be. */
export interface SshPlace {
  readonly user: string
  readonly host?: string
  readonly port: number
}

export interface DiagnoseOptions {
  readonly all?: boolean
  readonly json?: boolean
  readonly save?: string
  readonly evidence?: string
  readonly console?: string
  readonly troveDb?: string
  readonly troveConf?: string
  readonly rabbitmqLog?: string
  readonly conductorLog?: string
  readonly taskmanagerLog?: string
  readonly ssh?: SshPlace
  readonly sshKey?: string
  readonly sshJump?: SshPlace & { readonly host: string }
  readonly sshNetns?: string
  readonly without?: readonly Source[]
  readonly url?: string
  /** Of clouds.yaml. */
  readonly osCloud?: string
}

const SSH_PORT = 22

/** What a person may say about where to look. */
export function withDiagnoseOptions(command: Command): Command {
  return command
    .option('--all', 'look at every instance that is not ready: a line each, then what was found')
    .option('--json', 'for programs')
    .option('--save <FILE>', 'write what was seen to FILE, without secrets: to send it to somebody, or to judge it again')
    .option('--evidence <FILE>', 'judge what --save has written, and look nowhere')
    .option('--console <FILE>', "file with the guest's serial console (default: Nova's)")
    .option('--ssh <USER[@HOST[:PORT]]>', 'look into the guest as its debug user; HOST only where neither host-server nor Nova knows its address', sshPlace)
    .option('--ssh-key <FILE>', 'private key of that user (default: the ssh-agent)')
    .option('--ssh-jump <USER@HOST[:PORT]>', 'log in by way of this machine', jumpPlace)
    .option('--ssh-netns <NAME>', 'log in from this network namespace of this host, such as qdhcp-…; wants root')
    .option('--trove-conf <FILE>', 'trove.conf of the control plane (default: as configured, else /etc/trove/trove.conf)')
    .option('--trove-db <URL|@FILE>', "Trove's database, which is only read (default: [database] connection of trove.conf); @FILE: the URL is in that file, where no list of processes shows its password")
    .option('--rabbitmq-log <FILE>', "RabbitMQ's log (default: its usual places)")
    .option('--conductor-log <FILE>', "trove-conductor's log (default: its usual places)")
    .option('--taskmanager-log <FILE>', "trove-taskmanager's log (default: its usual places)")
    .option('--without <SOURCE...>', `places not to look at: ${Object.keys(SOURCES).join(', ')}`, source)
    .option('--url <URL>', 'where host-server listens (default: this host, port from the configuration)')
}

function sshPlace(text: string): SshPlace {
  const [, user, host, port] = /^([a-z_][a-z0-9_.-]{0,31})(?:@(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?)?$/i.exec(text) ?? []
  const number = Number(port ?? SSH_PORT)
  if (user === undefined || number < 1 || number > 65_535) throw new InvalidArgumentError('expected USER, USER@HOST or USER@HOST:PORT.')
  return { user, port: number, ...(host === undefined ? {} : { host: host.replace(/^\[|\]$/g, '') }) }
}

export function jumpPlace(text: string): SshPlace & { host: string } {
  const { host, ...rest } = sshPlace(text)
  if (host === undefined) throw new InvalidArgumentError('expected USER@HOST or USER@HOST:PORT.')
  return { ...rest, host }
}

function source(text: string, before: readonly Source[] = []): Source[] {
  if (!Object.hasOwn(SOURCES, text)) throw new InvalidArgumentError(`expected one of ${Object.keys(SOURCES).join(', ')}.`)
  return [...before, text as Source]
}
