import { CloudError } from '../../openstack/cloud-error.ts'
import type { Cloud } from '../../openstack/cloud.ts'
import type { Patience } from '../../openstack/http/ask.ts'
import { consoleOutput, server, servers, type NovaServer } from '../../openstack/nova.ts'
import { ownInstance } from '../../openstack/trove.ts'
import { consoleReports } from './console-reports.ts'
import type { Sight, StageReport } from './sight.ts'

/** Milliseconds for one look. */
const PATIENCE = 20_000
/** Lines of the console that are read each time; a whole bring-up has about thirty of ours. */
const CONSOLE = 400
/** The console is asked with every so many looks: Nova reads it from the compute host. */
const SELDOM = 3

/** What host-server has heard; undefined where this host has no record, or the instance is not in it yet. */
export type Record = (id: string) => Promise<readonly StageReport[] | undefined>

/**
 * Looks at one instance, again with each call. Trove must answer; where Nova does not this time, what it said before stands: a busy Nova shall not
 * look like one that makes progress.
 * @returns a function that throws CloudError when Trove does not answer
 */
export function looker(cloud: Cloud, id: string, record: Record): () => Promise<Sight> {
  let looks = 0
  let onConsole: StageReport[] = []
  let serverId: string | undefined
  let found: NovaServer | undefined
  return async () => {
    const patience = { signal: AbortSignal.timeout(PATIENCE), until: Date.now() + PATIENCE }
    const [one, recorded] = await Promise.all([ownInstance(cloud, id, patience), record(id).catch(() => undefined)])
    if (one === undefined) return { addresses: [], reports: [] }
    serverId ??= one.server_id ?? undefined
    found = (await ifSeen(serverOf(cloud, id, one.name ?? undefined, serverId, patience))) ?? found
    serverId ??= found?.id
    if (recorded === undefined && serverId !== undefined && looks++ % SELDOM === 0) {
      const said = consoleReports((await ifSeen(consoleOutput(cloud, serverId, CONSOLE, patience))) ?? '')
      if (said.length > 0) onConsole = said
    }
    const reports = recorded ?? onConsole
    const heardBy = recorded !== undefined ? "host-server's record" : onConsole.length > 0 ? "Nova's console" : undefined
    return {
      trove: { status: one.status ?? '', operating: one.operating_status ?? '', ...(one.fault?.message == null ? {} : { fault: oneLine(one.fault.message) }) },
      ...(found === undefined ? {} : { server: serverSight(found) }),
      addresses: (one.addresses ?? []).map(({ address }) => address),
      reports,
      ...(heardBy === undefined ? {} : { heardBy }),
    }
  }
}

/** Trove gives the server the instance's name, which others may have too, and its id in the metadata. */
async function serverOf(cloud: Cloud, instance: string, name: string | undefined, id: string | undefined, patience: Patience): Promise<NovaServer | undefined> {
  if (id !== undefined) return await server(cloud, id, patience)
  const { admin } = await cloud.session(patience)
  return (await servers(cloud, { name, everybody: admin }, patience)).find(({ metadata }) => metadata?.['trove_instance_id'] === instance)
}

function serverSight({ id, status, 'OS-EXT-STS:task_state': task, fault }: NovaServer): NonNullable<Sight['server']> {
  return { id, status, ...(task == null ? {} : { task }), ...(fault == null ? {} : { fault: oneLine(fault.message) }) }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

async function ifSeen<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking
  } catch (error) {
    if (error instanceof CloudError) return undefined
    throw error
  }
}
