import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Secret } from '../contract/secret.ts'
import { CliError } from './exit.ts'

/**
 * Asks twice on the terminal; nothing that is typed is shown.
 * @param without what is wanted, and what to type where there is no terminal
 * @param nothing what did not happen then: `nothing was built`
 * @throws CliError when there is no terminal, and when what was typed differs
 */
export async function askPassword(name: string, without: string, nothing: string): Promise<Secret> {
  if (!process.stdin.isTTY) throw new CliError(without)
  const first = await ask(`Password for ${name}: `)
  const second = await ask('Again: ')
  if (first !== second) throw new CliError(`the two passwords differ; ${nothing}`)
  return new Secret(first)
}

async function ask(question: string): Promise<string> {
  const silent = new Writable({ write: (_piece, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  process.stderr.write(question)
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
