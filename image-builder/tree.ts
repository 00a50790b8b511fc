export type NodeType = 'file' | 'folder' | 'link' | 'other'

export interface TreeNode {
  readonly type: NodeType
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  /** Of a link. */
  readonly target?: string
  /** The inode has an attribute block of its own (ext: `File ACL`). */
  readonly hasAttributeBlock: boolean
}

/** Reads an image's root file system. Links are resolved by us and inside the image alone, so `..` and absolute targets never leave it. */
export interface Tree {
  /** Says which paths will be asked for, so that a way that starts a process for each question can ask for all at once. Optional to use. */
  prime(paths: readonly string[]): Promise<void>
  /** Follows no link at the end. */
  lstat(path: string): Promise<TreeNode | undefined>
  /** Names in a folder; empty when it does not exist. */
  list(path: string): Promise<string[]>
  /** @param limit bytes that are taken from the beginning at most */
  read(path: string, limit: number): Promise<Buffer>
  /** Hex SHA-256 of a file of exactly `size` bytes; anything longer ends the reading. */
  digest(path: string, size: number): Promise<string>
}

/** @returns the path with all links resolved, or undefined when it leads nowhere. A last part that does not exist is allowed with `missing`. */
export async function realPath(tree: Tree, path: string, missing = false): Promise<string | undefined> {
  const rest = path.split('/').filter((part) => part !== '' && part !== '.')
  const done: string[] = []
  let links = 0
  while (rest.length > 0) {
    const part = rest.shift()!
    if (part === '..') {
      done.pop()
      continue
    }
    const here = `/${[...done, part].join('/')}`
    const node = await tree.lstat(here)
    if (!node) return missing ? [here, ...rest].join('/') : undefined
    if (node.type !== 'link') {
      done.push(part)
      continue
    }
    if (++links > 40 || node.target === undefined) return undefined
    if (node.target.startsWith('/')) done.length = 0
    rest.unshift(...node.target.split('/').filter((step) => step !== '' && step !== '.'))
  }
  return `/${done.join('/')}`
}

/** Follows links; undefined when there is no such thing. */
export async function stat(tree: Tree, path: string): Promise<(TreeNode & { readonly path: string }) | undefined> {
  const real = await realPath(tree, path)
  const node = real === undefined ? undefined : await tree.lstat(real)
  return node && { ...node, path: real! }
}

/** A text file, links followed; undefined when it is not there or no file. */
export async function readText(tree: Tree, path: string, limit = 2 ** 20): Promise<string | undefined> {
  const node = await stat(tree, path)
  if (node?.type !== 'file') return undefined
  return (await tree.read(node.path, limit)).toString('utf8')
}
