import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { fingerprintOf } from '../contract/host-key.ts'
import { viaText, type SshAccess } from '../diagnosis/collect/ssh/access.ts'
import { systemReason } from '../diagnosis/system-reason.ts'
import { knownHostKeys } from '../instances/reach/known-hosts.ts'
import { namespaces } from '../instances/reach/namespaces.ts'
import { reach, type Reached } from '../instances/reach/reach.ts'
import { waysTo } from '../instances/reach/ways.ts'
import { CliError } from './exit.ts'
import type { GuestAtHand } from './guest-at-hand.ts'
import { progress } from './progress.ts'
import type { ReachOptions } from './reach-options.ts'

const USUAL_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/** Nothing says that it is the guest that would answer. */
export class UnknownHostKey extends CliError {
  /** One line. */
  readonly why: string

  constructor({ name, unseen }: GuestAtHand) {
    const because = unseen.find((one) => /host-server|configuration/.test(one)) ?? 'it has reported none: its image is older, has no sshd, or it has not enrolled yet'
    const why = `no host key of ${name} is known, so nothing says that it is the guest that answers (${because})`
    super(`${why}.\n  trovestrap status ${name}      shows what it has reported\n  --accept-new-host-key      takes whatever answers`)
    this.why = why
  }
}

/**
 * Logs in to a guest by whichever way leads in, and says which on stderr.
 * @throws UnknownHostKey where there is nothing to know the guest by @throws NotReached
 */
export async function logInTo(guest: GuestAtHand, options: ReachOptions): Promise<Reached> {
  const { hostKeys } = guest
  if (hostKeys.length === 0 && !options.acceptNewHostKey) throw new UnknownHostKey(guest)
  const access: SshAccess = { ...(await means(options)), ...(hostKeys.length === 0 ? {} : { hostKeys }) }
  const ways = waysTo(guest.places, access, process.getuid?.() === 0 ? namespaces() : [])
  const step = progress(process.stderr).step('log in')
  step.update(ways.length === 1 ? viaText(ways[0]!) : `${ways.length} ways, side by side`)
  try {
    const reached = await reach(ways)
    step.done(`${guest.name}: ${viaText(reached.way)}`)
    if (hostKeys.length === 0) process.stderr.write(`host key ${fingerprintOf(reached.session.hostKey)} is not from the guest's own report: --accept-new-host-key\n`)
    return reached
  } catch (error) {
    step.fail(`${guest.name} as ${options.user}`)
    throw error
  }
}

async function means({ user, key, address, jump, netns, acceptNewHostKey }: ReachOptions): Promise<SshAccess> {
  return {
    user,
    port: address?.port ?? 22,
    ...(address === undefined ? {} : { host: address.host }),
    ...credentials(key),
    ...(netns === undefined ? {} : { netns }),
    ...(jump === undefined ? {} : { jump: { ...jump, ...(await keysOfJump(jump, acceptNewHostKey)) } }),
  }
}

async function keysOfJump(jump: { host: string; port: number; user: string }, acceptNew = false): Promise<{ hostKeys?: readonly string[] }> {
  const known = await knownHostKeys(jump)
  if (known.length > 0) return { hostKeys: known }
  if (acceptNew) return {}
  throw new CliError(`${jump.host} is not in your known_hosts, so nothing says that it is the jump host.\n  ssh -p ${jump.port} ${jump.user}@${jump.host} true      once, and compare the fingerprint; or --accept-new-host-key`)
}

/** A key with a passphrase is for the agent: nobody is asked for one here. */
function credentials(file: string | undefined): Pick<SshAccess, 'privateKey' | 'agent'> {
  if (file !== undefined) return { privateKey: textOf(file) }
  const agent = process.env['SSH_AUTH_SOCK']
  const usual = USUAL_KEYS.flatMap((name) => textIfUsable(join(homedir(), '.ssh', name)) ?? [])[0]
  return { ...(agent === undefined || agent === '' ? {} : { agent }), ...(usual === undefined ? {} : { privateKey: usual }) }
}

function textIfUsable(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8')
    return ssh2.utils.parseKey(text) instanceof Error ? undefined : text
  } catch {
    return undefined
  }
}

function textOf(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new CliError(`--key ${file} cannot be read: ${systemReason(error)}`, undefined, { cause: error })
  }
  const parsed = ssh2.utils.parseKey(text)
  if (!(parsed instanceof Error)) return text
  if (/passphrase/i.test(parsed.message)) throw new CliError(`--key ${file} has a passphrase.\n  ssh-add ${file}      and without --key`)
  throw new CliError(`--key ${file} is no private key that can be used: ${parsed.message.replace(/^Cannot parse privateKey: /, '')}`)
}
