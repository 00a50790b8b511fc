import { Command, CommanderError } from 'commander'
import type { Test } from 'tap'
import { CliError } from '../../cli/exit.ts'

export interface Outcome {
  readonly exitCode: number
  readonly stdout: string
  /** What the person is told when the verb did not end well. */
  readonly told: string
}

/** Runs one verb as `trovestrap --config FILE …` would, in this process. */
export async function runVerb(t: Test, register: (program: Command) => void, config: string, ...argv: string[]): Promise<Outcome> {
  let stdout = ''
  let told = ''
  const program = new Command('trovestrap').option('--config <FILE>').exitOverride()
  register(program)
  const strict = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: (text) => (told += text), writeOut: (text) => (stdout += text) })
    command.commands.forEach(strict)
  }
  strict(program)
  const written = t.capture(process.stdout, 'write', (text: string) => ((stdout += text), true))
  try {
    await program.parseAsync(['--config', config, ...argv], { from: 'user' })
    return { exitCode: 0, stdout, told }
  } catch (error) {
    if (error instanceof CliError) return { exitCode: error.exitCode, stdout, told: error.message }
    if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : 2, stdout, told }
    throw error
  } finally {
    written.restore()
  }
}
