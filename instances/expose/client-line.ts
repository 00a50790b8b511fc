import type { Protocol } from '../greeting/greeting.ts'
import { postgresql } from '../greeting/postgresql.ts'

/** How a person connects; which user and database, they know. */
export function clientLine(protocol: Protocol, address: string, port: number): string {
  return protocol.port === postgresql.port ? `psql -h ${address} -p ${port} -U USER DATABASE` : `mysql -h ${address} -P ${port} -u USER -p`
}
