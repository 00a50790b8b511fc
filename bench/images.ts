import { execFileSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { baseImage } from '../lab/base-image.ts'
import { accelerator } from '../lab/accelerator.ts'
import { cacheRoot } from '../lab/cache.ts'
import { buildImage } from '../image-builder/build-image.ts'
import { diffTrees } from '../image-builder/diff/diff-trees.ts'
import { openForReading } from '../image-builder/open-image.ts'
import { CA, elf, quiet, smallImage, wishFor } from '../test/image-builder/small-image.ts'
import { peers, type Content } from './image-peers.ts'
import { median, ratio, seconds } from './statistics.ts'

const ROUNDS = 5
const TROVESTRAP = new URL('../bin/trovestrap', import.meta.url).pathname
const TOKEN = 'abc123.0123456789abcdef'

/** Building an image, beside the ways that people use today, and against its size and that of what is put in. @returns markdown */
export async function images(): Promise<string> {
  const folder = join(cacheRoot(), `bench-images-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  try {
    const base = await compressedBase(folder)
    return `${await besidePeers(folder, base.path, base.tcg)}\n${await againstSizes(folder)}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** As cloud images come: compressed. */
async function compressedBase(folder: string): Promise<{ path: string; tcg: boolean }> {
  const base = await baseImage(tell)
  const path = join(folder, 'base.qcow2')
  tell('compressing the base image')
  run('qemu-img', ['convert', '-c', '-O', 'qcow2', base.qcow2, path])
  return { path, tcg: (await accelerator(base, tell)).name === 'tcg' }
}

async function besidePeers(folder: string, base: string, tcg: boolean): Promise<string> {
  const out = join(folder, 'direct.qcow2')
  writeFileSync(join(folder, 'ca.pem'), CA)
  writeFileSync(join(folder, 'token'), TOKEN, { mode: 0o600 })
  const options = ['--url', 'https://10.0.2.2:15555', '--ca', join(folder, 'ca.pem'), '--token-file', join(folder, 'token'), '--injected-owner', 'root']
  const build = (way: string) => runSaying(TROVESTRAP, ['image', 'build', base, '-o', out, '--force', '--way', way, ...options])
  build('direct')
  const content = await contentOf(base, out, join(folder, 'content'))
  const others = peers(folder, base, content, tcg)
  const times = new Map<string, number[]>()
  const steps = new Map<string, number[]>()
  const floor: number[] = []
  const checks: number[] = []
  const differing = new Map<string, number>()
  for (let round = 1; round <= ROUNDS; round++) {
    tell(`round ${round} of ${ROUNDS}`)
    add(times, 'trovestrap image build, direct', timed(() => { for (const [step, took] of stepsIn(build('direct'))) add(steps, step, took) }))
    checks.push(timed(() => run(TROVESTRAP, ['image', 'check', out, '--injected-owner', 'root'])))
    floor.push(timed(() => plainCopy(folder, base, content)))
    for (const [name, peer] of Object.entries(others)) {
      tell(`round ${round} of ${ROUNDS}: ${name}`)
      const image = join(folder, 'peer.qcow2')
      add(times, name, timed(() => peer(image)))
      if (round === 1) differing.set(name, await differences(out, image))
    }
  }
  tell('trovestrap through libguestfs')
  add(times, 'trovestrap image build, libguestfs', timed(() => build('libguestfs')))
  const ours = median(times.get('trovestrap image build, direct')!)
  const rows = [...times].map(([name, all]) => `| ${name} | ${seconds(median(all))} | ${seconds(Math.min(...all))} to ${seconds(Math.max(...all))} | ${ratio(median(all) / ours)} | ${differing.get(name) ?? '-'} |`)
  return `A guest image from a compressed cloud image (${megabytes(statSync(base).size)} MB as a file, ${megabytes(totalOf(content))} MB and ${content.length} paths put in). All make the same content from the same base,
copy of the base included, whole processes, under ${tcg ? 'TCG' : 'KVM'}; medians of ${ROUNDS} interleaved rounds (libguestfs of our own: one run). trovestrap alone also hashes the base, checks the file system before and after, reads everything back, checks the result for what
would keep guests from coming up, and flushes it to the disk.

| way | median | from, to | times ours | paths that differ from ours |
|---|---|---|---|---|
${rows.join('\n')}
| cp of base and content, flushed | ${seconds(median(floor))} | | ${ratio(median(floor) / ours)} | |
| trovestrap image check | ${seconds(median(checks))} | | | |

Where the time goes: ${[...steps].map(([step, all]) => `${step} ${seconds(median(all))}`).join(', ')}; the rest is Node's start.
`
}

async function againstSizes(folder: string): Promise<string> {
  const node = join(folder, 'node-of-any-size')
  const one = async (base: string, megabytes: number): Promise<number> => {
    writeFileSync(node, Buffer.concat([elf(62), randomFillSync(Buffer.alloc(megabytes * 1_000_000))]))
    const all: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const began = performance.now()
      await buildImage(wishFor(folder, base, { node, force: true }), quiet)
      all.push((performance.now() - began) / 1000)
    }
    return median(all)
  }
  const small = (size: number) => smallImage(folder, { size, name: `size-${size}.qcow2`, mkfs: ['-b', '4096'] })
  tell('against the size of what is put in')
  const gigabyte = small(1024)
  const payloads = [10, 100, 500]
  const byPayload: string[] = []
  for (const size of payloads) byPayload.push(seconds(await one(gigabyte, size)))
  tell('against the size of the disk')
  const disks = [1, 10, 50]
  const byDisk: string[] = []
  for (const size of disks) byDisk.push(seconds(await one(small(size * 1024), 100)))
  return `In one process, a small system in ext4, medians of ${ROUNDS}:

| put in | ${payloads.map((size) => `${size} MB`).join(' | ')} |
|---|${payloads.map(() => '---|').join('')}
| disk of 1 GiB | ${byPayload.join(' | ')} |

| disk | ${disks.map((size) => `${size} GiB`).join(' | ')} |
|---|${disks.map(() => '---|').join('')}
| 100 MB put in | ${byDisk.join(' | ')} |
`
}

/** What a build put in, laid out in a folder for those who copy it from there. */
async function contentOf(base: string, out: string, folder: string): Promise<Content[]> {
  await using before = await openForReading(base)
  await using after = await openForReading(out)
  const content: Content[] = []
  for await (const { path } of diffTrees(before.tree, after.tree)) {
    const { type, mode, uid, gid, size, target } = (await after.tree.lstat(path))!
    const file = join(folder, path)
    if (type === 'folder') mkdirSync(file, { recursive: true })
    mkdirSync(join(file, '..'), { recursive: true })
    if (type === 'file') writeFileSync(file, await after.tree.read(path, size))
    content.push({ path, file, type: type === 'folder' ? 'folder' : type === 'link' ? 'link' : 'file', mode, uid, gid, size: type === 'file' ? size : 0, ...(target === undefined ? {} : { target }) })
  }
  return content
}

async function differences(one: string, other: string): Promise<number> {
  await using before = await openForReading(one)
  await using after = await openForReading(other)
  let count = 0
  for await (const _ of diffTrees(before.tree, after.tree)) count++
  return count
}

function plainCopy(folder: string, base: string, content: readonly Content[]): void {
  const copy = join(folder, 'copy.qcow2')
  const more = join(folder, 'copy.content')
  run('cp', [base, copy])
  writeFileSync(more, '')
  for (const { file, type } of content) if (type === 'file') run('dd', [`if=${file}`, `of=${more}`, 'oflag=append', 'conv=notrunc', 'bs=1M', 'status=none'])
  run('sync', [copy, more])
}

/** `✔ copy … 0.2 s` */
function stepsIn(said: string): [string, number][] {
  return [...said.matchAll(/^✔ (\S+(?: \S+)*?) {2,}.* ([\d.]+) s$/gm)].map(([, step, took]) => [step!, Number(took)])
}

function run(program: string, args: readonly string[]): void {
  runSaying(program, args)
}

/** @returns stderr */
function runSaying(program: string, args: readonly string[]): string {
  const said = join(cacheRoot(), `bench-said-${process.pid}`)
  try {
    execFileSync('sh', ['-c', 'said=$1; shift; exec "$@" 2>"$said" >/dev/null', 'sh', said, program, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
    return readFileSync(said, 'utf8')
  } catch (error) {
    throw new Error(`${program} ${args[0]} failed: ${existsSync(said) ? readFileSync(said, 'utf8') : ''}`, { cause: error })
  } finally {
    rmSync(said, { force: true })
  }
}

/** @returns seconds */
function timed(act: () => void): number {
  const began = performance.now()
  act()
  return (performance.now() - began) / 1000
}

function add(to: Map<string, number[]>, name: string, value: number): void {
  to.set(name, [...(to.get(name) ?? []), value])
}

function totalOf(content: readonly Content[]): number {
  return content.reduce((sum, { size }) => sum + size, 0)
}

function megabytes(bytes: number): string {
  return String(Math.round(bytes / 1e6))
}

function tell(text: string): void {
  console.log(text)
}
