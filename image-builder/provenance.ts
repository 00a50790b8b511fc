import type { Finding } from './check/finding.ts'
import type { BuildRecord } from './plan/build-record.ts'

/** What lies beside OUT, for inventories and for whoever finds it: where the image comes from. Nothing in it is secret. */
export function provenance(record: BuildRecord, way: string, findings: readonly Finding[]): object {
  const { put: _put, accounts: _accounts, removed: _removed, ...facts } = record
  return { ...facts, way, findings: findings.map(({ id, code, level, what }) => ({ id, code, level, what })) }
}
