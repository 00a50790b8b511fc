import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync, type Dirent } from 'node:fs'
import { dirname, join } from 'node:path'
import { NO_KERNEL, tool } from './small-image.ts'

/** Content of a file, `-> target` of a link, or an empty folder. */
type Planted = string | Buffer | (Owned & ({ readonly text: string } | { readonly bytes: Buffer } | { readonly folder: true }))

interface Owned {
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
}

/** By absolute path; folders above are made, 0755. What does not say otherwise is root's, 0644. undefined leaves a path out. */
export type PlantedTree = Readonly<Record<string, Planted | undefined>>

export interface PartitionWish {
  /** Its number in the table; 1 where there is no table. */
  readonly number: number
  readonly mib: number
  /** As sfdisk takes it: a letter, a code or a GUID. */
  readonly type: string
  /** None: zeros. */
  readonly holds?: Ext | Vfat
}

interface Ext {
  readonly tree: PlantedTree
  readonly label?: string
  /** More arguments of mke2fs. */
  readonly mkfs?: readonly string[]
  /** Of a file, folder or link. */
  readonly attributes?: (path: string) => Readonly<Record<string, Buffer>>
}

interface Vfat {
  readonly vfat: string
}

export interface DiskWish {
  readonly table: 'gpt' | 'dos' | 'none'
  /** In the order in which they lie on the disk; without a table a single one. */
  readonly partitions: readonly PartitionWish[]
}

const MIB = 2 ** 20

/** A disk with several partitions, made without being root. @param name of the qcow2 in the folder @returns its path, and where each partition begins, in bytes, by its number */
export function diskImage(folder: string, name: string, { table, partitions }: DiskWish): { image: string; offsets: ReadonlyMap<number, number> } {
  const gap = table === 'none' ? 0 : 1
  const offsets = new Map<number, number>()
  const end = partitions.reduce((at, { number, mib }) => (offsets.set(number, at * MIB), at + mib), gap)
  const raw = join(folder, `${name}.disk`)
  writeFileSync(raw, '')
  truncateSync(raw, (end + gap) * MIB)
  const rows = partitions.map(({ number, mib, type }) => `p${number} : start=${offsets.get(number)! / 512}, size=${(mib * MIB) / 512}, type=${type}\n`)
  if (table !== 'none') tool('sfdisk', [...NO_KERNEL, raw], `label: ${table}\n${rows.join('')}`)
  for (const { number, mib, holds } of partitions) {
    if (holds === undefined) continue
    if ('vfat' in holds) tool('mkfs.vfat', ['-n', holds.vfat, '--offset', String(offsets.get(number)! / 512), raw, String(mib * 1024)])
    else makeExt(folder, raw, offsets.get(number)!, mib, holds)
  }
  const image = join(folder, name)
  tool('qemu-img', ['convert', '-O', 'qcow2', '-f', 'raw', raw, image])
  rmSync(raw)
  return { image, offsets }
}

function makeExt(folder: string, raw: string, offset: number, mib: number, { tree, label = '', mkfs = [], attributes = () => ({}) }: Ext): void {
  const root = mkdtempSync(join(folder, 'tree-'))
  for (const [path, planted] of Object.entries(tree)) if (planted !== undefined) plant(join(root, path), planted)
  tool('mke2fs', ['-q', '-F', '-t', 'ext4', '-b', '4096', '-I', '256', '-L', label, '-E', `offset=${offset},root_owner=0:0`, ...mkfs, '-d', root, raw, `${mib}M`])
  const values = mkdtempSync(join(folder, 'values-'))
  const commands = below(root).flatMap((entry, index) => {
    const path = join('/', entry.parentPath.slice(root.length), entry.name)
    const { mode = entry.isDirectory() ? 0o755 : 0o644, uid = 0, gid = 0 } = wishAt(tree, path)
    const given = Object.entries(attributes(path)).map(([name, value], order) => {
      const file = join(values, `${index}-${order}`)
      writeFileSync(file, value)
      return `ea_set -f ${file} ${path} ${name}`
    })
    const bits = entry.isSymbolicLink() ? [] : [`sif ${path} mode 0${((entry.isDirectory() ? 0o040000 : 0o100000) | mode).toString(8)}`]
    return [...bits, `sif ${path} uid ${uid}`, `sif ${path} gid ${gid}`, ...given]
  })
  debugfsWrites(`${raw}?offset=${offset}`, commands)
  for (const temporary of [root, values]) rmSync(temporary, { recursive: true })
}

/** Node's own recursion goes where links lead, out of the tree too. */
function below(folder: string): Dirent[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => [entry, ...(entry.isDirectory() ? below(join(folder, entry.name)) : [])])
}

function wishAt(tree: PlantedTree, path: string): Owned {
  const planted = tree[path]
  return typeof planted === 'object' && !Buffer.isBuffer(planted) ? planted : {}
}

function plant(path: string, planted: Planted): void {
  if (typeof planted === 'object' && 'folder' in planted) return void mkdirSync(path, { recursive: true })
  mkdirSync(dirname(path), { recursive: true })
  if (typeof planted === 'string' && planted.startsWith('-> ')) return symlinkSync(planted.slice(3), path)
  writeFileSync(path, typeof planted === 'string' || Buffer.isBuffer(planted) ? planted : 'text' in planted ? planted.text : planted.bytes)
}

/** Its exit status says nothing; beside its version it says something only when it fails. */
function debugfsWrites(fileSystem: string, commands: readonly string[]): void {
  const { stderr } = spawnSync('debugfs', ['-w', '-f', '-', fileSystem], { input: commands.map((line) => `${line}\n`).join(''), env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }, encoding: 'utf8' })
  const said = stderr.split('\n').filter((line) => line !== '' && !/^debugfs \d/.test(line))
  if (said.length > 0) throw new Error(`debugfs: ${said.slice(0, 3).join('\n')}`)
}
