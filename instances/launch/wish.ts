/** What somebody wants launched, in his own words: names and ids as they were typed. */
export interface LaunchWish {
  readonly name: string
  readonly datastore: string
  /** Its name, number or id; absent: the datastore's default. */
  readonly version?: string
  readonly flavor: string
  /** Of the data volume, GiB. */
  readonly size?: number
  readonly network?: string
  readonly databases: readonly string[]
  /** Who may use these databases. */
  readonly users: readonly string[]
  readonly availabilityZone?: string
}
