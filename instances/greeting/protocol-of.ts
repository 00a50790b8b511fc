import type { Protocol } from './greeting.ts'
import { mysql } from './mysql.ts'
import { postgresql } from './postgresql.ts'

const PROTOCOLS = new Map([
  ['mysql', mysql],
  ['mariadb', mysql],
  ['percona', mysql],
  ['pxc', mysql],
  ['postgresql', postgresql],
  ['postgres', postgresql],
])

/** @param datastore name, as operators have called it: `mysql`, `mysql-8` @returns undefined where no greeting of it is known */
export function protocolOf(datastore: string): Protocol | undefined {
  return PROTOCOLS.get(/^[a-z]*/.exec(datastore.toLowerCase())![0])
}
