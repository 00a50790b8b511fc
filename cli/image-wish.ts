import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { Secret } from '../contract/secret.ts'
import type { Settings } from '../host-server/settings.ts'
import { stateFolder } from '../host-server/state-folder.ts'
import { hashPassword, readPublicKeys, requireUserName } from '../image-builder/debug-user.ts'
import type { BuildWish } from '../image-builder/build-image.ts'
import { checkOut } from '../image-builder/check-wish.ts'
import type { DebugUser, Growth, Prebake, Wish } from '../image-builder/wish.ts'
import { CliError } from './exit.ts'
import { askPassword } from './ask-password.ts'
import { reachOf, type ReachOptions } from './image-work.ts'
import { settingsFile, settingsOrExplain } from './settings-file.ts'
import { version } from './version.ts'
import { withStore } from './with-store.ts'

const NO_TERMINAL = 'the debug user needs a key or a password, and there is no terminal to ask for one.\n  --debug-key FILE, or --debug-password-stdin'

export interface DebugUserOptions {
  readonly debugUser?: string
  readonly debugKey?: string
  readonly debugPassword?: boolean
  readonly debugPasswordStdin?: boolean
}

export interface BuildOptions extends DebugUserOptions, ReachOptions {
  /** Not needed for a plan. */
  readonly out?: string
  readonly url: readonly string[]
  /** `none` for an image without a token. */
  readonly tokenFile?: string
  readonly ca?: string
  readonly agentUser: string
  readonly force?: boolean
  readonly grow?: Growth
  /** Nothing is made: a token that is none stands for the one that would be. */
  readonly plan?: boolean
  readonly sysprep?: boolean
  readonly prebake?: boolean
}

/**
 * Options, configuration and this host's state as one wish. The configuration is only needed for what no option gives.
 * @returns with it how to take back a token that was made for nothing
 */
export async function imageWish(base: string, options: BuildOptions, command: Command, signal: AbortSignal): Promise<{ wish: BuildWish; withdraw: () => Promise<void> }> {
  const { force = false, agentUser, grow, sysprep = false } = options
  const out = options.out ?? ''
  if (out !== '') await checkOut({ base, out, force })
  const debugUser = await debugUserOf(options)
  const settings = () => settingsOrExplain(settingsFile(command), 'nothing was built')
  const ca = await read(options.ca ?? stateFolder(settings().state).ca, 'the CA certificate')
  const urls = options.url.length > 0 ? options.url : urlsOf(settings())
  const { token, withdraw } = await tokenFor(options, command, out)
  const bundle = bundled()
  const prebake = options.prebake ? prebaked(settings(), signal) : undefined
  for (const begun of [bundle, prebake]) begun?.catch(() => {}) // thrown where they are awaited
  return {
    wish: {
      base,
      out,
      force,
      urls,
      ca,
      agentUser,
      bundle,
      version: version(),
      sysprep,
      ...reachOf(options),
      ...(token ? { token } : {}),
      ...(debugUser ? { debugUser } : {}),
      ...(prebake ? { prebake } : {}),
      ...(grow ? { grow } : {}),
    },
    withdraw,
  }
}

/** Loaded only for a build: esbuild is large, and no other verb needs it. */
async function bundled(): Promise<Wish['bundle']> {
  const { bundle } = await import('../guest-bootstrap/bundle.ts')
  return await bundle()
}

async function prebaked(settings: Settings, signal: AbortSignal): Promise<Prebake> {
  const { prebakeFrom } = await import('./prebake.ts')
  return await prebakeFrom(settings, signal)
}

const NO_TOKEN = '000000.0000000000000000'

async function tokenFor({ tokenFile, plan }: BuildOptions, command: Command, out: string): Promise<{ token?: Secret; withdraw: () => Promise<void> }> {
  const kept = async () => {}
  if (tokenFile === 'none') return { withdraw: kept }
  if (plan && tokenFile === undefined) return { token: new Secret(NO_TOKEN), withdraw: kept }
  if (tokenFile !== undefined) return { token: await tokenIn(tokenFile), withdraw: kept }
  return await freshToken(command, out)
}

function urlsOf({ names, listen }: { names: readonly string[]; listen: { port: number } }): string[] {
  return names.map((name) => `https://${name.includes(':') ? `[${name}]` : name}:${listen.port}`)
}

async function freshToken(command: Command, out: string): Promise<{ token: Secret; withdraw: () => Promise<void> }> {
  const made = await withStore(command, (store, settings) => store.tokens.create({ lifetime: settings.lifetimes.token, description: `image ${out}` }, new Date()))
  const withdraw = async () => {
    await withStore(command, (store) => store.tokens.revoke(made.id, new Date()))
  }
  return { token: made.token, withdraw }
}

async function tokenIn(file: string): Promise<Secret> {
  return new Secret((await read(file, 'the token file')).trim())
}

/** The debug user that options describe; a password is asked for or read where they say so. @throws CliError, ImageRefusal */
export async function debugUserOf(options: DebugUserOptions): Promise<DebugUser | undefined> {
  const { debugUser: name, debugKey, debugPassword, debugPasswordStdin } = options
  if (name === undefined) {
    if (debugKey !== undefined || debugPassword || debugPasswordStdin) throw new CliError('a key or password of the debug user was given, but no name.\n  --debug-user NAME')
    return undefined
  }
  requireUserName(name)
  const sshKeys = debugKey === undefined ? [] : await readPublicKeys(debugKey)
  const password = debugPasswordStdin ? new Secret((await text(process.stdin)).replace(/\r?\n$/, '')) : debugPassword || debugKey === undefined ? await askPassword(name, NO_TERMINAL, 'nothing was built') : undefined
  return { name, sshKeys, ...(password ? { passwordHash: await hashPassword(password) } : {}) }
}

async function read(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new CliError(`${what} ${file} cannot be read: ${(cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (cause as Error).message}`, undefined, { cause })
  }
}
