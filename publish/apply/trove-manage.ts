import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { Failure } from '../refusal.ts'

/** What a call says when it was done; it ends with 0 in other cases too. */
const DONE: Readonly<Record<string, RegExp>> = {
  datastore_update: /^Datastore '.*' updated\.$/m,
  datastore_version_update: /^Datastore version '.*' updated\.$/m,
  db_load_datastore_config_parameters: /^Loading config parameters for datastore/m,
}

/** Debian 12 has a trove-manage (18.0.0) that asks Python for a function that its Python no longer has: here it is given back. */
const WITH_GETARGSPEC = 'import inspect, sys; inspect.getargspec = inspect.getfullargspec; sys.argv[0] = "trove-manage"; from trove.cmd.manage import main; main()'

const SECONDS = 120

/** As it would be typed. */
export function troveManageText(troveConf: string, args: readonly string[]): string {
  return ['trove-manage', `--config-file=${troveConf}`, ...args].map((word) => (/^[\w./:=,@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')
}

/**
 * Runs Trove's own tool on this host, against its database.
 * @param args sub-command and its words
 * @throws Failure that quotes the tool, or says where to type it
 */
export async function troveManage(troveConf: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  const text = troveManageText(troveConf, args)
  const all = [`--config-file=${troveConf}`, ...args]
  const first = await run('trove-manage', all, signal)
  if (first === undefined) throw new Failure(`trove-manage is not on this host, and it is needed.\n  on the host of Trove:  ${text}\n  then type the same again`)
  const ran = /has no attribute 'getargspec'/.test(first.output) ? await run(await interpreter(), ['-c', WITH_GETARGSPEC, ...all], signal) : first
  if (ran?.code === 0 && DONE[args[0]!]!.test(ran.output)) return
  throw new Failure(`trove-manage ${args[0]} was not done: ${lastLine((ran ?? first).output)}.\n  ${text}`)
}

/** The Python that the script names: another one would not have Trove. */
async function interpreter(): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const head = await readFile(join(folder, 'trove-manage'), 'utf8').catch(() => undefined)
    if (head !== undefined) return /^#!\s*(\S+)/.exec(head)?.[1] ?? 'python3'
  }
  return 'python3'
}

/** @returns undefined when there is no such program */
function run(program: string, args: readonly string[], signal: AbortSignal): Promise<{ code: number; output: string } | undefined> {
  const ended = Promise.withResolvers<{ code: number; output: string } | undefined>()
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], signal: AbortSignal.any([signal, AbortSignal.timeout(SECONDS * 1000)]) })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (output = (output + piece.toString('utf8')).slice(-20_000)))
  child.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? ended.resolve(undefined) : ended.reject(signal.aborted ? signal.reason : new Failure(`${program} did not end within ${SECONDS} s`, { cause: error }))))
  child.on('close', (code) => ended.resolve({ code: code ?? -1, output }))
  return ended.promise
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.trim().replace(/\.+$/, '').slice(0, 300) || 'it said nothing'
}
