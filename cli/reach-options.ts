import { isIP } from 'node:net'
import { InvalidArgumentError, type Command } from 'commander'
import { withCloudOption } from './cloud-option.ts'
import { jumpPlace, type SshPlace } from './diagnose-options.ts'

export interface ReachOptions {
  readonly user: string
  readonly key?: string
  readonly address?: { readonly host: string; readonly port: number }
  readonly jump?: SshPlace & { readonly host: string }
  readonly netns?: string
  readonly acceptNewHostKey?: boolean
  readonly url?: string
  readonly osCloud?: string
}

/** For the verbs that log in to a guest. @returns the same command */
export function withReachOptions(command: Command): Command {
  return withCloudOption(command)
    .option('--user <NAME>', "the image's debug user", userName, 'debug')
    .option('--key <FILE>', 'private key of that user (default: the ssh-agent, else ~/.ssh/id_ed25519 and its like)')
    .option('--address <ADDRESS[:PORT]>', "the guest's address (default: those that Neutron and host-server know, all side by side)", address)
    .option('--jump <USER@HOST[:PORT]>', 'log in by way of this machine; it is known by your known_hosts', jumpPlace)
    .option('--netns <NAME>', 'log in from this network namespace of this host (default: as root also from those of its networks, qdhcp-, ovnmeta- and qrouter-)')
    .option('--accept-new-host-key', 'take whatever answers as the guest, where the guest has reported no host key')
    .option('--url <URL>', 'where host-server listens (default: this host, port from the configuration)')
}

function userName(text: string): string {
  if (!/^[a-z_][a-z0-9_.-]{0,31}$/i.test(text)) throw new InvalidArgumentError('expected the name of a user.')
  return text
}

function address(text: string): { host: string; port: number } {
  if (isIP(text) > 0) return { host: text, port: 22 }
  const [, host, port = '22'] = /^(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?$/i.exec(text) ?? []
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535 || host.startsWith('-')) throw new InvalidArgumentError('expected ADDRESS or ADDRESS:PORT; an IPv6 address with a port in brackets.')
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}
