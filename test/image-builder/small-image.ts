import 'reflect-metadata'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { generateKeyPairSync } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { Secret } from '../../contract/secret.ts'
import type { Progress, Wish } from '../../image-builder/wish.ts'

/** Content of a file, `-> target` of a link, or undefined to leave out what the ordinary tree has. */
export type TreeWish = Readonly<Record<string, string | Buffer | undefined>>

const PASSWD = 'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n'
const GROUP = 'root:x:0:\ndaemon:x:1:\nsudo:x:27:\n'

/** The few files of Debian 12 that the builder looks at; programs are ELF headers of nothing. */
export const DEBIAN: TreeWish = {
  'etc/os-release': '-> ../usr/lib/os-release',
  'usr/lib/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\n',
  'etc/passwd': PASSWD,
  'etc/group': GROUP,
  'etc/shadow': 'root:*:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n',
  'etc/gshadow': 'root:*::\ndaemon:*::\nsudo:*::\n',
  'etc/sudoers': '@includedir /etc/sudoers.d\n',
  'etc/ssh/sshd_config': 'Include /etc/ssh/sshd_config.d/*.conf\n',
  'etc/ssh/sshd_config.d/50-cloud.conf': 'PasswordAuthentication no\n',
  bin: '-> usr/bin',
  sbin: '-> usr/sbin',
  lib: '-> usr/lib',
  'usr/sbin/init': '-> /lib/systemd/systemd',
  'usr/lib/systemd/systemd': elf(62),
  'usr/lib/x86_64-linux-gnu/libc.so.6': Buffer.concat([elf(62), Buffer.from('\0GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\n\0')]),
  'usr/lib/x86_64-linux-gnu/libstdc++.so.6': '-> libstdc++.so.6.0.30',
  'usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30': elf(62),
  'usr/bin/sudo': elf(62),
  'usr/bin/python3': elf(62),
  'usr/bin/cloud-init': '#!/usr/bin/python3\n',
  'usr/sbin/sshd': elf(62),
  'var/lib/dpkg/status': '',
}

/** sfdisk otherwise waits a quarter of a second for a kernel that knows nothing of a file. */
export const NO_KERNEL = ['-q', '--no-reread', '--no-tell-kernel']

export function elf(machine: number): Buffer {
  const header = Buffer.alloc(64)
  header.write('\x7fELF\x02\x01\x01', 'latin1')
  header.writeUInt16LE(2, 16)
  header.writeUInt16LE(machine, 18)
  return header
}

/** A folder of a test's own; everything that is made for it lies there. */
export function scratch(teardown: (clean: () => void) => void): string {
  // qemu-img flushes what it makes; in memory that costs nothing.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'image-builder-test-'))
  teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface ImageOptions {
  readonly tree?: TreeWish
  readonly table?: 'gpt' | 'dos' | 'none'
  /** Arguments of mke2fs, which is told the type too. */
  readonly mkfs?: readonly string[]
  readonly type?: string
  /** MiB. */
  readonly size?: number
  readonly name?: string
}

const MIB = 2 ** 20

/** A disk with one ext file system, as qcow2 unless the name ends in .raw. @returns its path */
export function smallImage(folder: string, { tree = {}, table = 'gpt', mkfs = [], type = 'ext4', size = 64, name = 'base.qcow2' }: ImageOptions = {}): string {
  const root = mkdtempSync(join(folder, 'tree-'))
  for (const [path, content] of Object.entries({ ...DEBIAN, ...tree })) if (content !== undefined) plant(join(root, path), content)
  const offset = table === 'none' ? 0 : MIB
  const raw = join(folder, `${name}.disk`)
  writeFileSync(raw, '')
  truncateSync(raw, size * MIB + 2 * offset)
  if (table !== 'none') tool('sfdisk', [...NO_KERNEL, raw], `label: ${table}\n2048,${size * 2048}\n`)
  tool('mke2fs', ['-q', '-F', '-t', type, '-b', '1024', '-E', `offset=${offset},root_owner=0:0`, ...mkfs, '-d', root, raw, `${size * 1024}k`])
  const image = join(folder, name)
  tool('qemu-img', ['convert', '-O', name.endsWith('.raw') ? 'raw' : 'qcow2', '-f', 'raw', raw, image])
  rmSync(raw)
  rmSync(root, { recursive: true })
  return image
}

export function plant(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true })
  if (typeof content === 'string' && content.startsWith('-> ')) return symlinkSync(content.slice(3), path)
  writeFileSync(path, content)
  chmodSync(path, 0o644)
}

export function tool(name: string, args: readonly string[], input = ''): string {
  return execFileSync(name, args, { input, stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' } }).toString()
}

/** Runs debugfs on the file system of an image made by smallImage. */
export function debugfs(folder: string, image: string, commands: string | readonly string[], { offset = MIB, write = false } = {}): string {
  const raw = join(folder, 'look.raw')
  tool('qemu-img', ['convert', '-O', 'raw', image, raw])
  const script = typeof commands === 'string' ? ['-R', commands] : ['-f', '-']
  const out = tool('debugfs', [...(write ? ['-w'] : []), ...script, `${raw}?offset=${offset}`], typeof commands === 'string' ? '' : commands.map((line) => `${line}\n`).join(''))
  if (write) tool('qemu-img', ['convert', '-O', 'qcow2', '-f', 'raw', raw, image])
  rmSync(raw)
  return out
}

const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
export const CA = (await x509.X509CertificateGenerator.createSelfSigned({ serialNumber: '01', name: 'CN=test CA', keys, signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' } })).toString('pem') + '\n'
export const PRIVATE_KEY = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
export const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7NlWoOUrQWSyPZvbq7lgWEEZ1JeTJlYP0gbIyyhQ7p somebody@somewhere'
export const TOKEN = 'abc123.0123456789abcdef'

/** A wish for the folder; the Node binary is a header alone, so that small images hold it. */
export function wishFor(folder: string, base: string, more: Partial<Wish> = {}): Wish {
  const node = join(folder, 'node')
  writeFileSync(node, elf(62))
  return {
    base,
    out: join(folder, 'out.qcow2'),
    urls: ['https://10.0.0.1:15555'],
    ca: CA,
    token: new Secret(TOKEN),
    agentUser: 'trove',
    bundle: { code: Buffer.from('console.log("ready")\n'), sha256: 'a'.repeat(64) },
    node,
    version: '0.1.0',
    ...more,
  }
}

export const quiet: Progress = { begin() {}, update() {}, done() {} }
