import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { INSTANCE } from '../context.ts'

/** The RPC key as Trove stores it; nobody may read it. */
export const KEY = 'SKNM5aqugbQr-canary-XBAqs91CohhbjfDGRNqSOxFwgjYSR7NO0V8Ij3SM7Tg=='

/** A database of Trove's own tables with one instance that timed out. */
export function troveDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false })
  db.exec(readFileSync(join(import.meta.dirname, 'trove-18.sql'), 'utf8'))
  db.exec(`
    INSERT INTO datastores (id, name) VALUES ('d1', 'mysql');
    INSERT INTO datastore_versions (id, datastore_id, name, manager, active, version) VALUES ('v1', 'd1', '5.7.29', 'mysql', 1, '5.7.29');
    INSERT INTO instances (id, created, updated, name, compute_instance_id, task_id, task_description, deleted, datastore_version_id, encrypted_key)
      VALUES ('${INSTANCE}', '2026-11-22 16:45:39.123456', '2026-11-22 17:15:41.000000', 'db-1', '66bb1111-0000-4000-8000-00000000cafe', 91, 'Build error: guestagent timeout.', 0, 'v1', '${KEY}');
    INSERT INTO service_statuses (id, instance_id, status_id, status_description, updated_at) VALUES
      ('s1', '${INSTANCE}', 23, 'new', NULL),
      ('s2', '${INSTANCE}', 24, 'guestagent error', '2026-11-22 17:15:41.5'),
      ('s3', '${INSTANCE}', 9, 'building', '2026-11-22 16:50:00.000000');
    INSERT INTO instance_faults (id, instance_id, message, details, created, updated, deleted) VALUES
      ('f1', '${INSTANCE}', 'Polling request timed out.', 'Traceback (most recent call last):', '2026-11-22 17:15:41.000000', '2026-11-22 17:15:41.000000', 0),
      ('f2', '${INSTANCE}', 'an older one', '', '2026-11-22 16:50:00.000000', '2026-11-22 16:50:00.000000', 0),
      ('f3', '${INSTANCE}', 'one that was deleted', '', '2026-11-23 00:00:00.000000', '2026-11-23 00:00:00.000000', 1);
  `)
  return db
}

/** What is seen of it. */
export const SEEN = {
  from: 'database',
  instance: {
    name: 'db-1',
    task: 0x5b,
    task_text: 'Build error: guestagent timeout.',
    created: '2026-11-22T16:45:39.123Z',
    updated: '2026-11-22T17:15:41.000Z',
    deleted: false,
    compute_instance_id: '66bb1111-0000-4000-8000-00000000cafe',
    has_rpc_key: true,
    datastore: 'mysql',
    datastore_version: '5.7.29',
  },
  service: { id: 0x18, text: 'guestagent error', updated: '2026-11-22T17:15:41.500Z' },
  fault: { message: 'Polling request timed out.', details: 'Traceback (most recent call last):', created: '2026-11-22T17:15:41.000Z' },
} as const
