import { readFileSync } from 'node:fs'
import { secretsInUrl } from '../contract/known-secrets.ts'
import { Secret } from '../contract/secret.ts'
import type { Collector } from '../diagnosis/collect/collector.ts'
import { SOURCES, type Source } from '../diagnosis/evidence.ts'
import { systemReason } from '../diagnosis/system-reason.ts'
import { CloudError } from '../openstack/cloud-error.ts'
import type { Cloud } from '../openstack/cloud.ts'
import type { Host } from './diagnose-host.ts'
import type { DiagnoseOptions } from './diagnose-options.ts'
import { CliError } from './exit.ts'

/** Where diagnose is going to look, and where not and why. */
export interface Sources {
  readonly collectors: readonly Collector[]
  readonly left_out: Partial<Record<Source, string>>
  readonly cloud: Cloud | undefined
  /** Trove's database, where its address is known. */
  readonly database: Secret | undefined
  /** Passwords that are known by value, from all that was read to look. */
  readonly secrets: readonly string[]
}

/** A collector, or why there is none. */
type Chosen = Collector | string

/**
 * Takes everything that can be looked at from here. Collectors are loaded when they are taken: SSH, MySQL and AMQP cost a tenth of a second each.
 * @param known where somebody is logged in already; else the one that the options mean
 * @throws CliError for what the person named and cannot be used
 */
export async function chooseSources(host: Host, options: DiagnoseOptions, known?: Cloud): Promise<Sources> {
  const without = new Set<Source>(options.without)
  const cloud = known ?? (await cloudOf(options))
  const database = databaseOf(host, options)
  const choices: Record<Source, () => Promise<Chosen>> = {
    record: () => record(host),
    broker: () => broker(host),
    broker_log: async () => (await import('../diagnosis/collect/broker-log.ts')).brokerLogCollector(placeOf(options.rabbitmqLog)),
    console: () => serialConsole(options, cloud),
    guest: () => guest(options),
    trove: () => trove(database, cloud),
    nova: async () => (typeof cloud === 'string' ? cloud : (await import('../diagnosis/collect/nova.ts')).novaCollector(cloud)),
    neutron: async () => (typeof cloud === 'string' ? cloud : (await import('../diagnosis/collect/neutron.ts')).neutronCollector(cloud)),
    trove_logs: () => troveLogs(options),
    machine: () => machine(host),
  }
  const names = Object.keys(SOURCES) as Source[]
  const chosen = await Promise.all(names.map(async (source): Promise<readonly [Source, Chosen]> => [source, without.has(source) ? 'left out by --without' : await choices[source]()]))
  const { knownSecrets } = await import('../diagnosis/collect/machine/known-secrets.ts')
  return {
    collectors: chosen.flatMap(([, one]) => (typeof one === 'string' ? [] : [one])),
    left_out: Object.fromEntries(chosen.filter(([, one]) => typeof one === 'string')),
    cloud: typeof cloud === 'string' ? undefined : cloud,
    database: database instanceof Secret ? database : undefined,
    secrets: [...knownSecrets({ troveConf: host.troveConf, guestConfig: host.guestConfig }), ...(database instanceof Secret ? secretsInUrl(database.reveal()) : [])],
  }
}

async function record({ client }: Host): Promise<Chosen> {
  return typeof client === 'string' ? client : (await import('../diagnosis/collect/record.ts')).recordCollector(client)
}

async function broker({ trove }: Host): Promise<Chosen> {
  if (typeof trove === 'string') return trove
  const { transportUrl, tls, exchange } = trove
  if (transportUrl === undefined) return `${trove.path} has no transport_url`
  const { brokerCollector } = await import('../diagnosis/collect/broker.ts')
  return brokerCollector({ transportUrl, ...(tls === undefined ? {} : { tls }), ...(exchange === undefined ? {} : { exchange }) })
}

async function serialConsole({ console: file }: DiagnoseOptions, cloud: Cloud | string): Promise<Chosen> {
  if (file !== undefined) return (await import('../diagnosis/collect/console-file.ts')).consoleFileCollector(file)
  return typeof cloud === 'string' ? `no --console FILE, and ${cloud}` : (await import('../diagnosis/collect/nova-console.ts')).novaConsoleCollector(cloud)
}

async function guest({ ssh, sshKey, sshJump, sshNetns }: DiagnoseOptions): Promise<Chosen> {
  if (ssh === undefined) return 'no --ssh USER'
  const agent = process.env['SSH_AUTH_SOCK']
  const { guestCollector } = await import('../diagnosis/collect/guest.ts')
  return guestCollector({
    ...ssh,
    ...(sshKey === undefined ? (agent ? { agent } : {}) : { privateKey: contentOf(sshKey, '--ssh-key') }),
    ...(sshJump === undefined ? {} : { jump: sshJump }),
    ...(sshNetns === undefined ? {} : { netns: sshNetns }),
  })
}

/** The database tells more than the API and is quicker; the API is there where the database cannot be reached. */
async function trove(database: Secret | string, cloud: Cloud | string): Promise<Chosen> {
  const api = typeof cloud === 'string' ? cloud : (await import('../diagnosis/collect/trove-api.ts')).troveApiCollector(cloud)
  if (typeof database === 'string') return typeof api === 'string' ? `${database}, and ${api}` : api
  const { troveDatabaseCollector } = await import('../diagnosis/collect/trove-database.ts')
  const rows = explained(() => troveDatabaseCollector(database))
  if (typeof rows === 'string') return typeof api === 'string' ? rows : api
  return typeof api === 'string' ? rows : (await import('../diagnosis/collect/prefer.ts')).prefer(rows, api)
}

async function troveLogs({ conductorLog, taskmanagerLog }: DiagnoseOptions): Promise<Chosen> {
  const { troveLogsCollector } = await import('../diagnosis/collect/trove-logs.ts')
  return troveLogsCollector({ conductor: placeOf(conductorLog), taskmanager: placeOf(taskmanagerLog) })
}

async function machine({ settingsFile, troveConf, guestConfig, aliases }: Host): Promise<Chosen> {
  const { machineCollector } = await import('../diagnosis/collect/machine.ts')
  return machineCollector({ ...(settingsFile === undefined ? {} : { settingsFile }), ...(guestConfig === undefined ? {} : { guestConfig }), troveConf, aliases })
}

async function cloudOf({ osCloud }: DiagnoseOptions): Promise<Cloud | string> {
  const { findCloud } = await import('../openstack/settings/find-cloud.ts')
  try {
    const settings = findCloud(osCloud)
    return settings === undefined ? 'no clouds.yaml' : new (await import('../openstack/cloud.ts')).Cloud(settings)
  } catch (error) {
    if (error instanceof CloudError) return error.message
    throw error
  }
}

function databaseOf({ trove }: Host, { troveDb }: DiagnoseOptions): Secret | string {
  if (troveDb?.startsWith('@')) return new Secret(contentOf(troveDb.slice(1), '--trove-db').trim())
  if (troveDb !== undefined) return new Secret(troveDb)
  return typeof trove === 'string' ? trove : (trove.database ?? `${trove.path} has no [database] connection`)
}

function explained(make: () => Collector): Chosen {
  try {
    return make()
  } catch (error) {
    return (error as Error).message
  }
}

/** A file that is named is the only place; the usual ones are the collector's. */
function placeOf(file: string | undefined): { paths?: string[]; units?: string[] } {
  return file === undefined ? {} : { paths: [file], units: [] }
}

function contentOf(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new CliError(`${option} ${file} cannot be read: ${systemReason(error)}`, undefined, { cause: error })
  }
}
