import { InvalidArgumentError, type Command } from 'commander'
import { INSTANCE_ID } from '../contract/credential.ts'
import { DURATION_FORM, parseDuration } from '../host-server/settings/duration.ts'
import { CliError, EXIT } from './exit.ts'
import { table } from './table.ts'
import { tokenRows } from './token-rows.ts'
import { withStore } from './with-store.ts'

interface CreateOptions {
  ttl?: number
  uses?: number
  image?: string
  description?: string
  json?: boolean
}

/** `trovestrap token create|list|bind|revoke` */
export function registerToken(program: Command): void {
  const token = program
    .command('token')
    .description('Bootstrap tokens: with one a guest may enrol, and nothing else.')
    .addHelpText('after', '\nExamples:\n  trovestrap token create --ttl 12h --uses 1 --description "db-1"\n  trovestrap token list\n  trovestrap token bind abc123 5b2d1f3e-0000-4000-8000-000000000001\n  trovestrap token revoke abc123\n\nExit codes: 0 well, 1 no such token, 2 wrong usage or configuration.')

  token
    .command('create')
    .description('Make a token and print it, once: only its digest is kept.')
    .option('--ttl <DURATION>', 'how long it is valid, such as 30d or 12h (default: lifetimes.token)', seconds)
    .option('--uses <NUMBER>', 'how many instances it may enrol (default: any number)', count)
    .option('--image <ID>', 'Glance id of the one image whose instances it may enrol (Nova attests it; default: any)', imageId)
    .option('--description <TEXT>', 'what it is for, shown by token list')
    .option('--json', 'for programs')
    .action(async (options: CreateOptions, command: Command) => {
      const made = await withStore(command, (store, settings) =>
        store.tokens.create(
          {
            lifetime: options.ttl ?? settings.lifetimes.token,
            ...(options.uses === undefined ? {} : { maxUses: options.uses }),
            ...(options.image === undefined ? {} : { image: options.image }),
            ...(options.description === undefined ? {} : { description: options.description }),
          },
          new Date(),
        ),
      )
      const { id, token, expires } = { ...made, token: made.token.reveal() }
      process.stdout.write(options.json ? `${JSON.stringify({ id, token, expires }, null, 2)}\n` : `${token}\n`)
    })

  token
    .command('list')
    .description('List tokens: whether each still opens, until when, and how often it was used.')
    .option('--json', 'for programs')
    .action(async (options: { json?: boolean }, command: Command) => {
      const tokens = await withStore(command, (store) => store.tokens.list())
      process.stdout.write(options.json ? `${JSON.stringify({ tokens }, null, 2)}\n` : table(tokenRows(tokens, new Date())))
    })

  token
    .command('bind')
    .description('Let a token enrol instances of one image only: the one it lies in, once that is published.')
    .argument('ID', 'the six characters before the dot')
    .argument('IMAGE', 'Glance id of the image, or any')
    .action(async (text: string, image: string, _options: object, command: Command) => {
      const id = text.split('.')[0]!
      const only = image === 'any' ? undefined : imageId(image)
      const bound = await withStore(command, (store) => store.tokens.bind(id, only, new Date()))
      if (!bound) throw noSuchToken(id)
      process.stdout.write(only === undefined ? `token ${id} enrols instances of any image\n` : `token ${id} enrols instances of image ${only} alone\n`)
    })

  token
    .command('revoke')
    .description('End a token now. Instances that enrolled with it stay enrolled.')
    .argument('ID', 'the six characters before the dot')
    .action(async (text: string, _options: object, command: Command) => {
      // Whoever pastes the whole token means its id; the rest is dropped and not repeated.
      const id = text.split('.')[0]!
      const revoked = await withStore(command, (store) => store.tokens.revoke(id, new Date()))
      if (!revoked) throw noSuchToken(id)
      process.stdout.write(`token ${id} is revoked\n`)
    })
}

function seconds(text: string): number {
  const value = parseDuration(text)
  if (value === undefined) throw new InvalidArgumentError(`expected ${DURATION_FORM}.`)
  return value
}

function imageId(text: string): string {
  const id = text.toLowerCase()
  if (!INSTANCE_ID.test(id)) throw new InvalidArgumentError('expected the Glance id of an image, a UUID (openstack image list shows it).')
  return id
}

function noSuchToken(id: string): CliError {
  return new CliError(`there is no token with the id ${id.slice(0, 20)}.\n  trovestrap token list  shows them`, EXIT.failed)
}

function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected a number from 1 up.')
  return Number(text)
}
