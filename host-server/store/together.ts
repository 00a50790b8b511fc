import type { DatabaseSync } from 'node:sqlite'
import type { Store } from './store.ts'
import { transaction } from './transaction.ts'

interface Waiting {
  readonly work: () => unknown
  resolve(result: unknown): void
  reject(error: unknown): void
}

/** Gathers what is asked for in one turn of the event loop: while a disk writes, requests queue up, and the next write is for all of them. */
export function together(database: DatabaseSync): Store['together'] {
  let waiting: Waiting[] = []

  function commit(): void {
    const all = waiting
    waiting = []
    try {
      const ends = transaction(database, () => all.map((one) => perform(one)))
      for (const end of ends) end()
    } catch (error) {
      for (const { reject } of all) reject(error)
    }
  }

  /** @returns what tells its caller, once it is on disk @throws when all is undone */
  function perform({ work, resolve, reject }: Waiting): () => void {
    try {
      const result = transaction(database, work)
      return () => resolve(result)
    } catch (error) {
      if (!database.isTransaction) throw error
      return () => reject(error)
    }
  }

  return <T>(work: () => T) =>
    new Promise<T>((resolve, reject) => {
      const gathered = waiting.push({ work, resolve: (result) => resolve(result as T), reject })
      if (gathered === 1) setImmediate(commit)
    })
}
