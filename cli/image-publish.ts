import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Settings } from '../host-server/settings.ts'
import { carryOut, type Done } from '../publish/apply/carry-out.ts'
import { keptLines, planLines } from '../publish/plan/plan-text.ts'
import { prepare, type Order, type Prepared } from '../publish/prepare.ts'
import { VISIBILITIES, type Visibility } from '../publish/wish.ts'
import { cloudOf, withCloudOption } from './cloud-option.ts'
import { CliError } from './exit.ts'
import { bindToken, tokenOfImage } from './image-token.ts'
import { collect, explained, shown } from './image-work.ts'
import { settingsAtHand } from './settings-file.ts'

interface Options {
  readonly datastore: string
  readonly version: string
  readonly manager?: string
  readonly name?: string
  readonly tag: readonly string[]
  readonly property: Readonly<Record<string, string>>
  readonly kernel?: string
  readonly initrd?: string
  readonly osCommandLine?: string
  readonly default?: boolean
  readonly older: 'keep' | 'deactivate'
  readonly visibility?: Visibility
  readonly flavor?: string
  readonly parameters?: string
  readonly troveConf?: string
  readonly plan?: boolean
  readonly json?: boolean
}

const TROVE_CONF = '/etc/trove/trove.conf'

/** Trove's guide for datastores and its devstack plugin give it to guest images: a guest that makes keys at its first boot has to have entropy. */
const PROPERTIES = { hw_rng_model: 'virtio' }

/** `trovestrap image publish` */
export function registerImagePublish(image: Command): void {
  const publish = image
    .command('publish')
    .description('Make an image the one of a datastore version: upload to Glance, properties and tags, datastore and version in Trove. Says what it is going to do; a second time nothing is left to do.')
    .argument('IMAGE', 'the qcow2 or raw image that image build made')
    .requiredOption('--datastore <NAME>', 'datastore in Trove, such as mysql; made where there is none')
    .requiredOption('--version <VERSION>', "version of the database, such as 8.0: the datastore version's name, and the tag of the container image that its guests pull")
    .option('--manager <NAME>', 'who manages its databases in the guest (default: that of the version that is there, else the name of the datastore)')
    .option('--name <NAME>', 'name of the image in Glance (default: that of the file)')
    .option('--tag <TAG>', 'another tag besides trove and the datastore; may be given several times', collect, [])
    .option('--property <KEY=VALUE>', 'property of the image; may be given several times (hw_rng_model=virtio is set as Trove documents it)', property, {})
    .option('--kernel <FILE>', 'kernel that Nova boots in place of a boot loader in the image')
    .option('--initrd <FILE>', 'initrd of that kernel')
    .option('--os-command-line <TEXT>', 'command line of that kernel')
    .option('--default', 'make it the version that users get who name none')
    .addOption(new Option('--older <WHAT>', 'what becomes of older images with the same tags, and of the one that the version had; one that another version names always stays').choices(['keep', 'deactivate']).default('keep'))
    .addOption(new Option('--visibility <WHO>', 'who sees the image in Glance (default: private, or as it is)').choices(VISIBILITIES))
    .option('--flavor <FLAVOR>', 'name or id of a flavor that instances are going to have: whether its disk is large enough is said before the upload')
    .option('--parameters <FILE>', "validation-rules.json of Trove's release, for configuration groups (default: the one of the configured source tree or of this host's Trove)")
    .option('--trove-conf <FILE>', `configuration of the control plane, for trove-manage (default: the configured one, else ${TROVE_CONF})`)
    .option('--plan', 'say what would be done, and do nothing')
    .option('--json', 'for programs')
  withCloudOption(publish)
    .addHelpText(
      'after',
      `
Examples:
  trovestrap image publish guest.qcow2 --datastore mysql --version 8.0 --plan
  trovestrap image publish guest.qcow2 --datastore mysql --version 8.0 --default --older deactivate
  trovestrap image publish guest.qcow2 --datastore postgresql --version 16 --flavor db.small
  trovestrap image publish root.qcow2 --datastore mysql --version 8.0 --kernel vmlinuz --initrd initrd.img --os-command-line "root=LABEL=root console=ttyS0"

Exit codes: 0 it is published, 1 something went wrong on the way (type the same again: it goes on there), 2 it cannot be done so, and nothing was changed.`,
    )
    .action(async (path: string, options: Options, command: Command) => {
      const cloud = cloudOf(command)
      const settings = settingsAtHand(command, 'nothing was changed')
      const result = await explained('what was done is kept; type the same again: it goes on there', async (signal) => {
        const order = { ...orderOf(path, options, settings), ...tokenIn(await tokenOfImage(path, command, signal)) }
        const prepared = await shown((steps) => prepare(cloud, order, steps, signal))
        if (options.plan) return { prepared }
        for (const line of planLines(prepared.plan, prepared.wish)) process.stderr.write(`  ${line}\n`)
        const around = { cloud, knowsDatastore: prepared.knowsDatastore, troveConf: options.troveConf ?? settings?.guest_config.trove_conf ?? TROVE_CONF, bind: (token: string, image: string) => bindToken(command, token, image) }
        return { prepared, done: await shown((steps) => carryOut(prepared.plan, prepared.wish, around, steps, signal)) }
      })
      process.stdout.write(options.json ? `${JSON.stringify(asJson(result), null, 2)}\n` : asText(result))
    })
}

function orderOf(path: string, options: Options, settings: Settings | undefined): Order {
  const { datastore, version, manager, name, kernel, initrd, osCommandLine, visibility, flavor } = options
  if (kernel === undefined && (initrd !== undefined || osCommandLine !== undefined)) throw new CliError('--initrd and --os-command-line belong to a kernel.\n  --kernel FILE      names it')
  const given = { manager, kernel, initrd, commandLine: osCommandLine, visibility, flavor }
  return {
    image: path,
    datastore,
    version,
    name: name ?? basename(path).replace(/\.(qcow2|img|raw)$/, ''),
    rename: name !== undefined,
    tags: [...new Set(['trove', datastore, ...options.tag])],
    properties: { ...PROPERTIES, ...options.property },
    makeDefault: options.default === true,
    older: options.older,
    rulesOf: (who) => options.parameters ?? rulesOf(who, settings),
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<Order>),
  }
}

/** A release's list of what users may configure, where one is at hand. */
function rulesOf(manager: string, settings: Settings | undefined): string | undefined {
  const trees = [...(settings === undefined ? [] : [settings.source.path]), '/usr/lib/python3/dist-packages', '/opt/stack/trove']
  return trees.map((tree) => join(tree, 'trove/templates', manager, 'validation-rules.json')).find((file) => existsSync(file))
}

function tokenIn(token: Order['token']): Pick<Order, 'token'> {
  return token === undefined ? {} : { token }
}

interface Result {
  readonly prepared: Prepared
  readonly done?: Done
}

function asJson({ prepared: { plan, wish }, done }: Result): object {
  const lines = planLines(plan, wish)
  return { datastore: wish.datastore, version: wish.version, ...(done === undefined ? { plan: lines } : { images: done.ids, done: lines, left: done.left }), kept: keptLines(plan) }
}

function asText({ prepared: { plan, wish }, done }: Result): string {
  const lines = planLines(plan, wish)
  const kept = keptLines(plan).map((line) => `note: ${line}\n`).join('')
  if (done === undefined) return `${lines.length === 0 ? 'nothing would be done: all of it is so already' : 'would be done:'}\n${lines.map((line) => `  ${line}\n`).join('')}${kept}`
  const left = done.left.map((line) => `left to do: ${line}\n`).join('')
  return `${kept}${left}${wish.datastore} ${wish.version} boots image ${done.ids.image}${lines.length === 0 ? '; nothing was left to do' : ''}\n  trovestrap launch NAME --datastore ${wish.datastore} --version ${wish.version} --flavor FLAVOR --size GIB --wait\n`
}

function property(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [, key, value] = /^([\w.:-]+)=(.*)$/s.exec(text) ?? []
  if (key === undefined || value === undefined) throw new InvalidArgumentError(`expected KEY=VALUE, such as hw_disk_bus=virtio.`)
  return { ...before, [key]: value }
}
