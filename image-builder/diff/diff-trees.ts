import type { Attributes, Tree, TreeNode } from '../tree.ts'

export interface Difference {
  readonly path: string
  readonly kind: 'added' | 'removed' | 'changed'
  /** One each: `mode 0644 -> 0600`, `content`. Of what was added or removed: what it is. Never content. */
  readonly what: readonly string[]
}

/** Names of one folder that are looked at side by side. */
const AT_ONCE = 16

/**
 * What differs between two trees: paths, types, modes, owners, link targets, attributes, number of hard links, contents. Not times.
 * @param say told how many paths were compared
 */
export async function* diffTrees(before: Tree, after: Tree, say: (paths: number) => void = () => {}): AsyncGenerator<Difference> {
  let seen = 0
  yield* folders('')

  async function* folders(path: string): AsyncGenerator<Difference> {
    const [old, now] = await Promise.all([before.list(path || '/'), after.list(path || '/')])
    const names = [...new Set([...old, ...now])].sort()
    for (let first = 0; first < names.length; first += AT_ONCE) {
      const compared = await Promise.all(names.slice(first, first + AT_ONCE).map((name) => compare(`${path}/${name}`)))
      for (const { difference, child } of compared) {
        say(++seen)
        if (difference) yield difference
        if (child !== undefined) yield* folders(child)
      }
    }
  }

  async function compare(path: string): Promise<{ readonly difference?: Difference; readonly child?: string }> {
    const [one, other] = await Promise.all([before.lstat(path), after.lstat(path)])
    const child = one?.type === 'folder' || other?.type === 'folder' ? { child: path } : {}
    if (one && other) {
      const what = await changes(path, one, other)
      return what.length > 0 ? { difference: { path, kind: 'changed', what }, ...child } : child
    }
    const only = one ?? other
    return only ? { difference: { path, kind: one ? 'removed' : 'added', what: [described(only)] }, ...child } : {}
  }

  async function changes(path: string, one: TreeNode, other: TreeNode): Promise<string[]> {
    if (one.type !== other.type) return [`${described(one)} -> ${described(other)}`]
    const what: string[] = []
    if (one.mode !== other.mode) what.push(`mode ${octal(one.mode)} -> ${octal(other.mode)}`)
    if (one.uid !== other.uid || one.gid !== other.gid) what.push(`owner ${one.uid}:${one.gid} -> ${other.uid}:${other.gid}`)
    if (one.target !== other.target) what.push(`target ${one.target} -> ${other.target}`)
    if (one.type === 'file') {
      if (one.links !== other.links) what.push(`hard links ${one.links} -> ${other.links}`)
      if (one.size !== other.size) what.push(`size ${one.size} -> ${other.size} bytes`)
      else if (await differ((tree) => tree.digest(path))) what.push('content')
    }
    const [old, now] = await Promise.all([before.attributes(path), after.attributes(path)])
    what.push(...attributeChanges(old, now))
    return what
  }

  async function differ(ask: (tree: Tree) => Promise<string>): Promise<boolean> {
    const [one, other] = await Promise.all([ask(before), ask(after)])
    return one !== other
  }
}

function attributeChanges(old: Attributes, now: Attributes): string[] {
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((name) => {
    const [one, other] = [old.get(name), now.get(name)]
    if (one && other) return one.equals(other) ? [] : [`attribute ${name}`]
    return [`attribute ${name} ${one ? 'removed' : 'added'}`]
  })
}

function described({ type, mode, uid, gid, size, target }: TreeNode): string {
  if (type === 'link') return `link -> ${target}`
  return `${type} ${octal(mode)} ${uid}:${gid}${type === 'file' ? ` ${size} bytes` : ''}`
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0')
