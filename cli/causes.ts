import type { Command } from 'commander'
import { catalogue } from '../diagnosis/catalogue.ts'
import type { Cause } from '../diagnosis/cause.ts'
import { unseen } from '../diagnosis/unseen.ts'
import { nearestName } from '../host-server/settings/nearest-name.ts'
import { causeText, causesText } from './causes-text.ts'
import { CliError, EXIT } from './exit.ts'
import { plainJson } from './plain-json.ts'

/** Columns where there is no terminal. */
const WIDE = 100

/** `trovestrap causes [ID|NAME]` */
export function registerCauses(program: Command): void {
  program
    .command('causes')
    .description('The causes that diagnose knows, or one of them in full.')
    .argument('[ID|NAME]', 'such as G2 or rabbitmq-login-refused')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExamples:\n  trovestrap causes\n  trovestrap causes G2\n\nExit codes: 0 well, 1 there is no such cause.')
    .action((wanted: string | undefined, { json }: { json?: boolean }) => {
      const width = process.stdout.isTTY ? process.stdout.columns : WIDE
      if (wanted === undefined) {
        process.stdout.write(json ? plainJson({ causes: catalogue.map(plain), unseen }) : causesText(catalogue, unseen, width))
        return
      }
      const word = wanted.toLowerCase()
      const known = catalogue.find(({ id, name }) => id.toLowerCase() === word || name === word)
      const hidden = unseen.find(({ id }) => id.toLowerCase() === word)
      if (known) process.stdout.write(json ? plainJson(plain(known)) : causeText(known, catalogue, width))
      else if (hidden) process.stdout.write(json ? plainJson(hidden) : `${hidden.id} cannot be seen by diagnose: ${hidden.why}\n`)
      else throw new CliError(`there is no cause ${JSON.stringify(wanted.slice(0, 80))}; ${nearest(word)}\n  trovestrap causes      lists them`, EXIT.failed)
    })
}

/** Without what only a program of ours can use. */
function plain({ find: _find, ...words }: Cause): Omit<Cause, 'find'> {
  return words
}

function nearest(word: string): string {
  const byName = nearestName(word, catalogue.map(({ name }) => name))
  const byPart = catalogue.find(({ name }) => word.length > 2 && name.includes(word))?.name
  const byLetter = catalogue.find(({ id }) => id[0]?.toLowerCase() === word[0] && /^\w\d+$/.test(word))?.id
  const one = byName ?? byPart ?? byLetter
  return one === undefined ? 'expected an id such as G2, or a name' : `the nearest is ${one}`
}
