import { existsSync, readFileSync, statSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import { DEFAULT_PORT } from '../contract/paths.ts'
import { printable } from '../diagnosis/printable.ts'
import { systemReason } from '../diagnosis/system-reason.ts'
import { conf, hostIpIn, isOurs, valuesIn, type Conf } from '../host-setup/devstack/conf.ts'
import { addressOfDefaultRoute, isHere } from '../host-setup/devstack/host-address.ts'
import { isOurs as isOurScript, localSh } from '../host-setup/devstack/local-sh.ts'
import { faultOfPassword } from '../host-setup/devstack/passwords.ts'
import { HostError } from '../host-setup/host-error.ts'
import { runCommand } from '../host-setup/run-command.ts'
import { writeBeside } from '../host-server/pki/write-beside.ts'
import { CliError, EXIT } from './exit.ts'

interface ConfOptions {
  readonly output: string
  readonly hostIp?: string
  readonly from?: string
  readonly passwordFile?: string
  readonly branch?: string
  readonly json?: boolean
}

const PROGRAM = join(import.meta.dirname, '../bin/trovestrap')

/** `trovestrap devstack conf` */
export function registerDevstackConf(devstack: Command): void {
  devstack
    .command('conf')
    .description("Write a local.conf for today's devstack with Trove, its client and dashboard and Swift, so that stack.sh asks for nothing; and beside it local.sh, which brings up host-server.")
    .option('-o, --output <FILE>', 'where it goes: into the devstack checkout', 'local.conf')
    .option('--host-ip <ADDRESS>', 'address of this host (default: the one in the file, else the one of --from where this host has it, else that of the default route)', address)
    .option('--from <FILE>', 'take over an older local.conf or localrc: names that changed are changed, what is gone or not understood becomes a comment that says why')
    .option('--password-file <FILE>', 'a file with one password, for ADMIN, DATABASE, RABBIT and SERVICE (default: those in the file, else those of --from, else new ones)')
    .option('--branch <NAME>', 'branch of Trove, its client and its dashboard: that of your devstack (default: the one in the file, else master)', branch)
    .option('--json', 'for programs; passwords are in the file alone')
    .addHelpText('after', '\nExamples:\n  trovestrap devstack conf -o /opt/stack/devstack/local.conf\n  trovestrap devstack conf --from ~/2017/local.conf --host-ip 192.0.2.10\n  trovestrap devstack conf --branch stable/2026.1\n\nExit codes: 0 well (also when nothing was left to do), 1 failed, 2 wrong usage or input (nothing was written).')
    .action(async (options: ConfOptions) => {
      const file = resolve(options.output)
      const present = existsSync(file) ? contentOf(file, '--output') : undefined
      const from = options.from === undefined ? undefined : contentOf(options.from, '--from')
      const inPlace = options.from !== undefined && resolve(options.from) === file
      if (present !== undefined && !isOurs(present) && !inPlace) throw new CliError(`${file} is there and is not ours, so it stays as it is.\n  trovestrap devstack conf --from ${options.output} -o ${options.output}      takes it over: nothing of it is lost`)
      const ours = present !== undefined && isOurs(present)
      const hostIp = await hostAddress(options, ours ? present : undefined, from)
      const made = conf({
        hostIp,
        port: DEFAULT_PORT,
        ...(ours ? { present } : {}),
        // What was taken over in its own place is taken over already.
        ...(from === undefined || (inPlace && ours) ? {} : { from }),
        ...(options.passwordFile === undefined ? {} : { password: passwordIn(options.passwordFile) }),
        ...(options.branch === undefined ? {} : { branch: options.branch }),
      })
      const wrote = made.text !== present || (statSync(file).mode & 0o077) !== 0
      if (wrote) write(file, made.text, 0o600)
      const script = writeScript(file)
      process.stdout.write(options.json ? `${JSON.stringify({ file, wrote, host_ip: hostIp, branch: made.branch, made: made.made, taken: made.taken, told: made.told, script }, null, 2)}\n` : text(file, wrote, hostIp, made, script))
    })
}

async function hostAddress({ hostIp }: ConfOptions, present: string | undefined, from: string | undefined): Promise<string> {
  const older = hostIpIn(from ?? '')
  const known = hostIp ?? valuesIn(present ?? '').get('HOST_IP') ?? (older !== undefined && isHere(older) ? older : undefined)
  if (known !== undefined) return known
  try {
    return await addressOfDefaultRoute(runCommand)
  } catch (error) {
    if (error instanceof HostError) throw new CliError(error.message, EXIT.usage, { cause: error })
    throw error
  }
}

interface Script {
  readonly path: string
  readonly state: 'written' | 'unchanged' | 'not ours'
}

function writeScript(file: string): Script {
  const path = join(dirname(file), 'local.sh')
  const script = localSh({ program: PROGRAM, port: DEFAULT_PORT })
  const present = existsSync(path) ? contentOf(path, 'local.sh') : undefined
  if (present === script) return { path, state: 'unchanged' }
  if (present !== undefined && !isOurScript(present)) return { path, state: 'not ours' }
  write(path, script, 0o755)
  return { path, state: 'written' }
}

function text(file: string, wrote: boolean, hostIp: string, { made, taken, told, branch }: Conf, script: Script): string {
  const lines = [
    ...(wrote ? [`wrote ${file} (mode 0600): HOST_IP ${hostIp}, Trove ${branch}`] : []),
    ...(made.length === 0 ? [] : [`made  ${made.join(', ')}`]),
    ...(taken.length === 0 ? [] : [`kept  ${taken.join(', ')} of the older file`]),
    ...(isHere(hostIp) ? [] : [`${hostIp} is no address of this host; --host-ip ADDRESS changes it`]),
    ...(wrote ? told : []).map(({ what, line, because }) => `${what.padEnd(14)}  ${printable(line)}\n                ${printable(because)}`),
    ...(script.state === 'written' ? [`wrote ${script.path}, which stack.sh runs at its end: host-server, and the way to it`] : []),
    ...(script.state === 'not ours' ? [`${script.path} is there and is not ours, so it stays as it is; host-server is brought up by:`, ...localSh({ program: PROGRAM, port: DEFAULT_PORT }).split('\n').slice(3).map((line) => `  ${line}`.trimEnd())] : []),
    ...(!wrote && script.state === 'unchanged' ? [`nothing to do: ${file} and local.sh are as they shall be; passwords are kept`] : []),
    ...(wrote ? ['', 'next, as the user stack:', `  cd ${dirname(file)} && ./stack.sh`] : []),
  ]
  return `${lines.join('\n')}\n`
}

/** What holds passwords belongs to the folder's owner: stack.sh runs as that user. */
function write(file: string, content: string, mode: number): void {
  try {
    writeBeside(file, content, mode)
  } catch (error) {
    throw new CliError(`${file} cannot be written: ${systemReason(error)}`, EXIT.usage, { cause: error })
  }
}

function passwordIn(file: string): string {
  const password = contentOf(file, '--password-file').replace(/\r?\n$/, '')
  const fault = password === '' ? 'one password, and it is empty' : faultOfPassword(password)
  if (fault !== undefined) throw new CliError(`--password-file ${file}: expected ${fault}.`)
  return password
}

function contentOf(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new CliError(`${option} ${file} cannot be read: ${systemReason(error)}`, EXIT.usage, { cause: error })
  }
}

function address(text: string): string {
  if (!isIPv4(text)) throw new InvalidArgumentError('expected an IPv4 address of this host.')
  return text
}

function branch(text: string): string {
  if (!/^[\w][\w./-]{0,100}$/.test(text)) throw new InvalidArgumentError('expected the name of a branch, such as master or stable/2026.1.')
  return text
}
