type Missing<V> = undefined extends V ? true : null extends V ? true : false

/** The same object, whose empty members are absent. */
export type Present<T> = { [K in keyof T as Missing<T[K]> extends true ? never : K]: T[K] } & { [K in keyof T as Missing<T[K]> extends true ? K : never]?: NonNullable<T[K]> }

/** OpenStack writes null for what there is not; we leave it away. */
export function present<T extends object>(members: T): Present<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null)) as Present<T>
}
