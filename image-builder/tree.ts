export type NodeType = 'file' | 'folder' | 'link' | 'other'

export interface TreeNode {
  readonly type: NodeType
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes. */
  readonly size: number
  /** Seconds since 1970. */
  readonly mtime: number
  /** Number of names; more than 1 on a file means hard links. */
  readonly links: number
  /** Of a link. */
  readonly target?: string
}

/** Full names (`security.selinux`) with values. */
export type Attributes = ReadonlyMap<string, Buffer>

/**
 * Reads an image's file systems as one tree, as the booted guest would see it. Links are resolved by us and inside the image alone, so `..`
 * and absolute targets never leave it. A name that is no UTF-8 is given as it is with each such byte as `\xNN`.
 */
export interface Tree {
  /** Follows no link at the end; folders above must be real (see realPath). */
  lstat(path: string): Promise<TreeNode | undefined>
  /** Names in a folder, sorted; empty when it does not exist. */
  list(path: string): Promise<string[]>
  /** @param limit bytes that are taken from the beginning at most */
  read(path: string, limit: number): Promise<Buffer>
  /** Hex SHA-256 of a file's whole content. */
  digest(path: string): Promise<string>
  /** Extended attributes, POSIX ACLs among them as `system.posix_acl_*` in the kernel's form. */
  attributes(path: string): Promise<Attributes>
}

/** Everything below a folder (which is not given itself), parents before children, each folder's names sorted. Follows no link. */
export async function* walk(tree: Tree, folder: string): AsyncGenerator<{ readonly path: string; readonly node: TreeNode }> {
  for (const name of await tree.list(folder)) {
    const path = `${folder === '/' ? '' : folder}/${name}`
    const node = await tree.lstat(path)
    if (!node) continue
    yield { path, node }
    if (node.type === 'folder') yield* walk(tree, path)
  }
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
