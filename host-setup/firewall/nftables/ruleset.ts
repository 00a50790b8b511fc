// What `nft -j list ruleset` prints (libnftables-json(5)), so far as a packet's way through the filters is told from it.

/** A value, or an expression: nft's own form, looked into where it is needed. */
export type Expression = unknown

export interface Rule {
  readonly chain: string
  readonly expr: readonly Readonly<Record<string, Expression>>[]
}

export interface Chain {
  readonly name: string
  /** Absent for a chain that is only jumped to. */
  readonly type?: string
  readonly hook?: string
  readonly policy?: string
}

export interface Table {
  readonly family: string
  readonly name: string
  readonly chains: readonly Chain[]
  readonly rules: readonly Rule[]
  /** Sets and maps, by name. */
  readonly sets: ReadonlyMap<string, readonly Expression[]>
}

interface Named {
  readonly family: string
  readonly table: string
  readonly name: string
}

type Item = Partial<{ table: { family: string; name: string }; chain: Named & Chain; rule: Omit<Named, 'name'> & Rule; set: Named & { elem?: readonly Expression[] }; map: Named & { elem?: readonly Expression[] } }>

/** @param json of `nft -j list ruleset` */
export function readRuleset(json: string): Table[] {
  const { nftables } = JSON.parse(json) as { nftables: readonly Item[] }
  return nftables.flatMap(({ table }) => (table === undefined ? [] : tableOf(table, nftables)))
}

function tableOf({ family, name }: { family: string; name: string }, items: readonly Item[]): Table {
  const own = <T extends { family: string; table: string }>(one: T | undefined): T[] => (one !== undefined && one.family === family && one.table === name ? [one] : [])
  return {
    family,
    name,
    chains: items.flatMap(({ chain }) => own(chain)),
    rules: items.flatMap(({ rule }) => own(rule)),
    sets: new Map(items.flatMap(({ set, map }) => [...own(set), ...own(map)]).map((one) => [one.name, one.elem ?? []])),
  }
}
