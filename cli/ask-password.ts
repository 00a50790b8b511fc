import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Secret } from '../contract/secret.ts'
import { CliError } from './exit.ts'

/** Asks twice on the terminal; nothing that is typed is shown. @throws CliError when there is no terminal */
export async function askPassword(name: string): Promise<Secret> {
  if (!process.stdin.isTTY) throw new CliError('the debug user needs a key or a password, and there is no terminal to ask for one.\n  --debug-key FILE, or --debug-password-stdin')
  const first = await ask(`Password for ${name}: `)
  const second = await ask('Again: ')
  if (first !== second) throw new CliError('the two passwords differ; nothing was built')
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
