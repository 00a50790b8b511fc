import type { DatabaseSync } from 'node:sqlite'
import { SetupError } from '../setup-error.ts'
import { transaction } from './transaction.ts'

/** Each step leads from one schema version to the next and is never changed once released. */
const STEPS: readonly string[] = [
  `
  CREATE TABLE tokens (
    id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, created TEXT NOT NULL, expires TEXT NOT NULL,
    uses INTEGER NOT NULL DEFAULT 0, max_uses INTEGER, description TEXT, revoked TEXT
  ) STRICT;
  CREATE TABLE instances (
    id TEXT PRIMARY KEY, key TEXT NOT NULL, enrolled TEXT NOT NULL, expires TEXT NOT NULL,
    name TEXT, address TEXT NOT NULL, last_seen TEXT NOT NULL, revoked TEXT,
    latest TEXT, since TEXT
  ) STRICT;
  CREATE TABLE reports (
    row INTEGER PRIMARY KEY, instance TEXT NOT NULL REFERENCES instances(id) ON DELETE CASCADE,
    boot TEXT NOT NULL, run TEXT NOT NULL, seq INTEGER NOT NULL, received TEXT NOT NULL, report TEXT NOT NULL,
    UNIQUE (instance, boot, run, seq)
  ) STRICT;
  CREATE INDEX reports_in_order ON reports (instance, row);
  CREATE TABLE refusals (
    address TEXT NOT NULL, instance TEXT NOT NULL DEFAULT '', code TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (address, instance, code)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX refusals_by_time ON refusals (at);
  `,
  `
  ALTER TABLE tokens ADD COLUMN image TEXT;
  CREATE TABLE waiting (
    instance TEXT NOT NULL, key TEXT NOT NULL, address TEXT NOT NULL, name TEXT, since TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (instance, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE approvals (instance TEXT PRIMARY KEY, key TEXT, until TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE audit (
    row INTEGER PRIMARY KEY, at TEXT NOT NULL, outcome TEXT NOT NULL, event TEXT NOT NULL, by TEXT NOT NULL,
    instance TEXT, address TEXT, detail TEXT, count INTEGER NOT NULL DEFAULT 1
  ) STRICT;
  CREATE INDEX audit_by_outcome ON audit (outcome, row);
  `,
  `
  ALTER TABLE instances ADD COLUMN held TEXT;
  `,
  `
  ALTER TABLE instances ADD COLUMN host_keys TEXT;
  `,
]

/**
 * Brings a database, new or old, to the schema of this version, each step whole or not at all.
 * @throws SetupError when a newer version has written it
 */
export function migrate(database: DatabaseSync, steps: readonly string[] = STEPS): void {
  const version = () => (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
  if (version() > steps.length) {
    throw new SetupError(
      `the database has schema version ${version()}, this Trovestrap knows ${steps.length}: a newer version wrote it; use that one`,
    )
  }
  while (version() < steps.length) {
    transaction(database, () => {
      // Asked again inside: another process may have taken the step meanwhile.
      const at = version()
      if (at === steps.length) return
      database.exec(steps[at]!)
      database.exec(`PRAGMA user_version = ${at + 1}`)
    })
  }
}
