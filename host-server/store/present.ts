/** SQLite's NULL is an absent property here. */
export function present<T>(row: Record<string, unknown>): T {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T
}
