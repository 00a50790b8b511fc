/** Values as they are in the table; times as text. */
export type Row = Readonly<Record<string, string | number | null>>

/** What is done with a database: it is read. */
export interface Database extends AsyncDisposable {
  /** Names of a table's columns; empty where there is no such table. */
  columns(table: string): Promise<ReadonlySet<string>>
  /** The first row. @param sql one SELECT with `?` for each parameter */
  row(sql: string, ...parameters: string[]): Promise<Row | undefined>
}
