import { present } from '../../../openstack/present.ts'
import { SERVICE_STATES, STATE_OF_API_WORD, TASKS } from '../../../openstack/trove-words.ts'
import type { TroveInstance } from '../../../openstack/trove.ts'
import type { TroveSeen } from '../../evidence.ts'
import { faultSeen } from '../trove-database/fault-seen.ts'
import { utc } from '../trove-database/utc.ts'

/** @param instance undefined where Trove has none of that id */
export function instanceSeen(instance: TroveInstance | undefined): TroveSeen {
  if (instance === undefined) return { from: 'api' }
  const { datastore, server, fault } = instance
  return present({
    from: 'api' as const,
    instance: present({
      name: instance.name,
      status: instance.status,
      task: instance.task_description == null ? undefined : TASKS[instance.task_description],
      task_text: instance.task_description,
      created: utc(instance.created),
      updated: utc(instance.updated),
      deleted: instance.deleted,
      compute_instance_id: instance.server_id ?? server?.id,
      has_rpc_key: instance.encrypted_rpc_messaging,
      datastore: datastore?.type,
      datastore_version: datastore?.version,
    }),
    service: service(instance),
    fault: fault?.message == null ? undefined : faultSeen(fault.message, fault.details, fault.created),
  })
}

/** The guest's own word where Trove gives it; else what the API makes of it, which is coarser. */
function service({ guest_status, service_status, operating_status, service_status_updated }: TroveInstance): TroveSeen['service'] {
  const word = guest_status?.state_description ?? service_status ?? operating_status
  if (word == null || word === '') return undefined
  const text = STATE_OF_API_WORD[word] ?? word
  return present({ id: SERVICE_STATES[text], text, updated: utc(service_status_updated) })
}
