#!/usr/bin/env node
// Everything a person types arrives here; each verb is a file of its own and has no logic beyond asking the rooms and printing.
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError, Help, type Option, type OutputConfiguration } from 'commander'
import { printableLines } from '../diagnosis/printable.ts'
import { CliError, EXIT } from './exit.ts'
import { hideTyped } from './hide-typed.ts'
import { version } from './version.ts'

/** What a look has left open at its deadline (a silent peer's socket) does not hold `diagnose` and `doctor` longer. */
const LINGER_MS = 300

type Register = (program: Command) => void

/** A verb is loaded when it is typed: `serve` should not carry the image builder for months. */
const VERBS: Record<string, () => Promise<Register>> = {
  init: async () => (await import('./init.ts')).registerInit,
  serve: async () => (await import('./serve.ts')).registerServe,
  token: async () => (await import('./token.ts')).registerToken,
  image: async () => (await import('./image.ts')).registerImage,
  launch: async () => (await import('./launch.ts')).registerLaunch,
  delete: async () => (await import('./delete.ts')).registerDelete,
  status: async () => (await import('./status.ts')).registerStatus,
  refresh: async () => (await import('./refresh.ts')).registerRefresh,
  hold: async () => (await import('./hold.ts')).registerHold,
  release: async () => (await import('./hold.ts')).registerRelease,
  diagnose: async () => (await import('./diagnose.ts')).registerDiagnose,
  doctor: async () => (await import('./doctor.ts')).registerDoctor,
  causes: async () => (await import('./causes.ts')).registerCauses,
  approve: async () => (await import('./approve.ts')).registerApprove,
  forget: async () => (await import('./forget.ts')).registerForget,
  audit: async () => (await import('./audit.ts')).registerAudit,
  install: async () => (await import('./install.ts')).registerInstall,
  uninstall: async () => (await import('./uninstall.ts')).registerUninstall,
  ssh: async () => (await import('./ssh.ts')).registerSsh,
  logs: async () => (await import('./logs.ts')).registerLogs,
  devstack: async () => (await import('./devstack.ts')).registerDevstack,
  expose: async () => (await import('./expose.ts')).registerExpose,
  unexpose: async () => (await import('./unexpose.ts')).registerUnexpose,
  firewall: async () => (await import('./firewall.ts')).registerFirewall,
  demo: async () => (await import('./demo.ts')).registerDemo,
}

/**
 * The command as a value.
 * @param argv decides which verbs it knows: the one that is named, or all of them where none is
 */
export async function buildProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command('trovestrap')
    .description('Brings OpenStack Trove guest agents up, and says at every moment where they stand.')
    .option('--config <FILE>', 'configuration file (else $TROVESTRAP_CONFIG, ./trovestrap.yaml, ~/.config/trovestrap/config.yaml, /etc/trovestrap/config.yaml)')
    .showHelpAfterError('(trovestrap --help lists the verbs)')
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText('after', EPILOGUE)
  const named = argv.find((word) => word in VERBS)
  // With a verb it would be taken for ours: `launch --version 8.0` is the database's.
  if (named === undefined) program.version(version())
  for (const load of named === undefined ? Object.values(VERBS) : [VERBS[named]!]) (await load())(program)
  const outputError = (text: string, write: (text: string) => void): void => write(hideTyped(text, argv))
  program.configureOutput({ outputError })
  for (const verb of program.commands) strict(verb, outputError)
  return program
}

const EPILOGUE = `
The way from nothing to a database that answers:
  trovestrap init                                  keys, first token, configuration file; install: as a service
  trovestrap serve                                 hand out source, config and wheels
  trovestrap doctor                                what on this host would keep a guest from coming up
  trovestrap image build BASE.qcow2 -o GUEST.qcow2 put the daemon into an image
  trovestrap image publish GUEST.qcow2 …           make it the image of a datastore version
  trovestrap launch NAME … --wait                  an instance, watched until its database greets
  trovestrap approve INSTANCE                      let it enrol, where no OpenStack is configured to attest it
  trovestrap status --watch                        see every guest come up
  trovestrap diagnose INSTANCE                     why one does not, and what to type
  trovestrap expose INSTANCE                       reach its database from outside
  trovestrap demo                                  all of it, for real, on this machine

Exit codes: 0 well, 1 failed, 2 wrong usage or configuration, 3 diagnose, doctor or launch found a cause, 4 it could not be decided.`

/** commander's settings are not inherited by verbs that were added before them; sub-verbs need them too. */
function strict(command: Command, outputError: NonNullable<OutputConfiguration['outputError']>, above: readonly string[] = ['trovestrap']): void {
  command.exitOverride().configureHelp({ optionDescription }).configureOutput({ outputError }).showSuggestionAfterError().showHelpAfterError(`(${[...above, command.name()].join(' ')} --help lists what it takes)`)
  for (const inner of command.commands) strict(inner, outputError, [...above, command.name()])
}

/** Without a default that tells nobody anything: an empty list, or `true`. */
function optionDescription(option: Option): string {
  const nothing = option.defaultValue === true || (typeof option.defaultValue === 'object' && Object.keys(option.defaultValue as object).length === 0)
  return new Help().optionDescription(nothing ? Object.create(option, { defaultValue: { value: undefined } }) as Option : option)
}

/** @returns the exit code; everything that has to be said is said */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    await (await buildProgram(argv)).parseAsync(argv, { from: 'user' })
    return EXIT.well
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.well : EXIT.usage
    const explained = error instanceof CliError
    if (!explained || error.message !== '') process.stderr.write(`trovestrap: ${printableLines(hideTyped(explained ? error.message : String((error as Error)?.stack ?? error), argv))}\n`)
    return explained ? error.exitCode : EXIT.failed
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  // A reader that goes away (`trovestrap status | head`) is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.well : EXIT.failed))
  process.exitCode = await run(process.argv.slice(2))
  if (['diagnose', 'doctor'].some((verb) => process.argv.includes(verb))) setTimeout(() => process.exit(), LINGER_MS).unref()
}
