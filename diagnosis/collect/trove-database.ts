import type { Secret } from '../../contract/secret.ts'
import type { Collector } from './collector.ts'
import { parseDatabaseUrl } from './trove-database/database-url.ts'
import { openMysql } from './trove-database/open-mysql.ts'
import { openSqlite } from './trove-database/open-sqlite.ts'
import { readInstance } from './trove-database/read-instance.ts'

/**
 * The rows of an instance, read only.
 * @param url as in `[database] connection` of trove.conf
 * @throws DatabaseUrlError at once when it is none that is understood
 */
export function troveDatabaseCollector(url: Secret): Collector<'trove'> {
  const where = parseDatabaseUrl(url)
  return {
    source: 'trove',
    deadline: 3_000,
    async collect({ instance }, { signal }) {
      await using database = where.kind === 'sqlite' ? openSqlite(where.path) : await openMysql(where, signal)
      return await readInstance(database, instance)
    },
  }
}
