import { createHash } from 'node:crypto'
import { quotePath } from './debugfs-commands.ts'
import { BuildFailure } from './refusal.ts'
import { runTool, said } from './run-tool.ts'
import type { NodeType, Tree, TreeNode } from './tree.ts'
import type { Disk } from './way.ts'

/** stderr of a debugfs that had nothing to say against anything. It reports no failure in any other way. */
export const ONLY_VERSION = /^debugfs [0-9][^\n]*\n?$/

const TYPES: Readonly<Record<string, NodeType>> = { regular: 'file', directory: 'folder', symlink: 'link' }

/** Reads ext2/3/4 through debugfs, without its own following of links, and never by `rdump`, which writes where the image says. */
export class ExtTree implements Tree {
  readonly #disk: Disk
  readonly #device: string
  readonly #known = new Map<string, TreeNode | undefined>()

  /** @param device `FILE?offset=BYTES` in the disk's folder */
  constructor(disk: Disk, device: string) {
    this.#disk = disk
    this.#device = device
  }

  async prime(paths: readonly string[]): Promise<void> {
    const asked = [...new Set(paths.flatMap(prefixes))].filter((path) => !this.#known.has(path))
    if (asked.length === 0) return
    const ran = await this.#debugfs(['-f', '-'], { input: asked.map((path) => `stat ${quotePath(path)}\n`).join('') })
    const sections = ran.stdout.toString('utf8').split(/^debugfs: stat /m).slice(1)
    const bySaying = new Map(sections.map((section) => [section.slice(0, section.indexOf('\n')), section]))
    for (const path of asked) {
      const node = parseStat(bySaying.get(quotePath(path)) ?? '')
      this.#known.set(path, node?.type === 'link' && node.target === undefined ? { ...node, target: await this.#slowTarget(path, node) } : node)
    }
  }

  async lstat(path: string): Promise<TreeNode | undefined> {
    await this.prime([path])
    return this.#known.get(path)
  }

  async list(path: string): Promise<string[]> {
    const ran = await this.#debugfs(['-R', `ls -p ${quotePath(path)}`])
    const lines = ran.stdout.toString('utf8').split('\n')
    return lines.flatMap((line) => /^\/\d+\/\d+\/\d+\/\d+\/(.+)\/\d*\/$/.exec(line)?.[1] ?? []).filter((name) => name !== '.' && name !== '..')
  }

  async read(path: string, limit: number): Promise<Buffer> {
    return (await this.#debugfs(['-R', `cat ${quotePath(path)}`], { limit })).stdout
  }

  async digest(path: string, size: number): Promise<string> {
    const hash = createHash('sha256')
    let seen = 0
    const stop = new AbortController()
    const onOutput = (piece: Buffer) => {
      seen += piece.length
      if (seen > size) stop.abort(new BuildFailure(`${path} is longer than the ${size} bytes it should have`))
      else hash.update(piece)
    }
    const signal = this.#disk.signal ? AbortSignal.any([stop.signal, this.#disk.signal]) : stop.signal
    await runTool('debugfs', ['-R', `cat ${quotePath(path)}`, this.#device], { cwd: this.#disk.folder, signal, onOutput })
    return hash.digest('hex')
  }

  /** The target of a link of more than 59 bytes stands in a block, which `cat` shows. */
  async #slowTarget(path: string, node: TreeNode): Promise<string> {
    return (await this.read(path, Math.min(node.size, 4096))).toString('utf8')
  }

  async #debugfs(args: readonly string[], options: { input?: string; limit?: number } = {}) {
    const ran = await runTool('debugfs', [...args, this.#device], { cwd: this.#disk.folder, signal: this.#disk.signal, ...options })
    if (/while trying to open|Filesystem not open/.test(ran.stderr)) throw new BuildFailure(`debugfs cannot open the file system: ${said(ran)}`)
    return ran
  }
}

function parseStat(text: string): TreeNode | undefined {
  const [, type, mode] = /^Inode: \d+\s+Type: (.+?)\s+Mode:\s+(\d+)/m.exec(text) ?? []
  const [, uid, gid, size] = /^User:\s+(\d+)\s+Group:\s+(\d+).*?Size: (\d+)/m.exec(text) ?? []
  if (type === undefined || size === undefined) return undefined
  const target = /^Fast link dest: "(.*)"$/m.exec(text)?.[1]
  return {
    type: TYPES[type] ?? 'other',
    mode: parseInt(mode!, 8) & 0o7777,
    uid: Number(uid),
    gid: Number(gid),
    size: Number(size),
    ...(target === undefined ? {} : { target }),
    hasAttributeBlock: !/^File ACL: 0$/m.test(text),
  }
}

/** `/a/b/c` asks for /a and /a/b as well: every one of them may be a link. */
function prefixes(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '')
  return parts.length === 0 ? ['/'] : parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}
