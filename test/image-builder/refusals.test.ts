import { createHash } from 'node:crypto'
import { copyFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { Secret } from '../../contract/secret.ts'
import { buildImage } from '../../image-builder/build-image.ts'
import type { Wish } from '../../image-builder/wish.ts'
import { debugfs, elf, PRIVATE_KEY, quiet, scratch, smallImage, tool, wishFor, type ImageOptions } from './small-image.ts'

interface Case {
  readonly image?: ImageOptions
  /** Does something to the base image, or makes another. @returns its path */
  readonly spoil?: (folder: string, base: string) => string
  readonly wish?: (folder: string) => Partial<Wish>
  readonly says: RegExp
  /** The direct way alone refuses it. */
  readonly direct?: true
}

const UPSTART = { 'usr/sbin/init': elf(62), 'etc/init/rc-sysinit.conf': '', 'usr/lib/os-release': 'PRETTY_NAME="Ubuntu 14.04.6 LTS"\n' }
const luks = (folder: string) => {
  const path = join(folder, 'luks.raw')
  writeFileSync(path, Buffer.concat([Buffer.from('LUKS\xba\xbe', 'latin1'), Buffer.alloc(2 ** 20)]))
  return path
}
const partitionOf = (signature: string, at: number) => (folder: string) => {
  const path = join(folder, 'other.raw')
  writeFileSync(path, Buffer.alloc(8 * 2 ** 20))
  tool('sfdisk', ['-q', path], 'label: gpt\n2048,\n')
  const bytes = readFileSync(path)
  bytes.write(signature, 2 ** 20 + at, 'latin1')
  writeFileSync(path, bytes)
  return path
}

const CASES: Readonly<Record<string, Case>> = {
  'a truncated qcow2': { spoil: (_, base) => (truncateSync(base, 400_000), base), says: /is damaged or truncated/ },
  'a truncated raw image': { image: { name: 'base.raw' }, spoil: (_, base) => (truncateSync(base, 20 * 2 ** 20), base), says: /truncated/ },
  'a text file': { spoil: (folder) => (writeFileSync(join(folder, 'text'), 'hello '.repeat(200_000)), join(folder, 'text')), says: /is no disk image/ },
  'an empty file': { spoil: (folder) => (writeFileSync(join(folder, 'empty'), ''), join(folder, 'empty')), says: /is no disk image: it has only 0 bytes/ },
  'a file that is not there': { spoil: (folder) => join(folder, 'none'), says: /there is no such file/ },
  'a folder': { spoil: (folder) => folder, says: /is not a file/ },
  'a compressed image': { spoil: (folder) => (writeFileSync(join(folder, 'x.gz'), Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(600)])), join(folder, 'x.gz')), says: /gunzip/ },
  'a LUKS container': { spoil: luks, direct: true, says: /the direct way cannot: its system is on LUKS\. Leave out --way direct, or type: --way libguestfs/ },
  'LUKS in a partition': { spoil: partitionOf('LUKS\xba\xbe', 0), direct: true, says: /cannot: its system is on LUKS/ },
  'XFS': { spoil: partitionOf('XFSB', 0), direct: true, says: /cannot: its system is on XFS/ },
  'btrfs': { spoil: partitionOf('_BHRfS_M', 0x10040), direct: true, says: /cannot: its system is on btrfs/ },
  'LVM': { spoil: partitionOf('LABELONE', 512), direct: true, says: /cannot: its system is on LVM/ },
  'a partition of nothing': { spoil: partitionOf('', 0), says: /holds no Linux \(partition 1: unknown\)/ },
  'an encrypted qcow2': {
    spoil: (_, base) => {
      const bytes = readFileSync(base)
      bytes.writeUInt32BE(2, 32) // crypt_method: LUKS
      writeFileSync(base, bytes)
      return base
    },
    says: /is encrypted/,
  },
  'a qcow2 with a backing file': {
    spoil: (folder, base) => {
      tool('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', 'qcow2', join(folder, 'overlay.qcow2')])
      return join(folder, 'overlay.qcow2')
    },
    says: /needs a backing file/,
  },
  'a qcow2 with a data file': {
    spoil: (folder) => {
      tool('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', `data_file=${join(folder, 'data')},data_file_raw=on`, join(folder, 'hollow.qcow2'), '1M'])
      return join(folder, 'hollow.qcow2')
    },
    says: /data-file/,
  },
  'a system with Upstart': {
    image: { tree: UPSTART },
    says: /boots with Upstart \(Ubuntu 14\.04\.6 LTS\); the guest daemon needs systemd and glibc 2\.28 or newer\.\n {2}Use an image of Ubuntu 20\.04, Debian 10, CentOS Stream 8 or later\./,
  },
  'a glibc that is too old': {
    image: { tree: { 'usr/lib/x86_64-linux-gnu/libc.so.6': '-> libc-2.19.so', 'usr/lib/x86_64-linux-gnu/libc-2.19.so': elf(62) } },
    says: /has glibc 2\.19; the guest daemon needs/,
  },
  'musl': { image: { tree: { 'usr/lib/ld-musl-x86_64.so.1': elf(62) } }, says: /musl/ },
  'another machine': { image: { tree: { 'usr/lib/systemd/systemd': elf(8) } }, says: /another machine/ },
  'an image without libstdc++': { image: { tree: { 'usr/lib/x86_64-linux-gnu/libstdc++.so.6': undefined } }, says: /libstdc\+\+6/ },
  'a link that leads in circles': { image: { tree: { 'usr/sbin/init': '-> /sbin/init' } }, says: /no \/sbin\/init/ },
  'a full file system': {
    image: { tree: { 'var/ballast': Buffer.alloc(48 * 2 ** 20, 1) } },
    wish: (folder) => (writeFileSync(join(folder, 'big'), Buffer.concat([elf(62), Buffer.alloc(8 * 2 ** 20, 2)])), { node: join(folder, 'big') }),
    says: /has \d+ bytes free, \d+ are needed: \d+ bytes are missing/,
  },
  'a file system with inline_data': { image: { mkfs: ['-O', 'inline_data'] }, direct: true, says: /feature inline_data: sparse files would be cut/ },
  'a file system with ea_inode': { image: { mkfs: ['-O', 'ea_inode'] }, direct: true, says: /feature ea_inode/ },
  'a file system with encrypt': { image: { mkfs: ['-O', 'encrypt'] }, direct: true, says: /feature encrypt/ },
  'a file system with casefold': { image: { mkfs: ['-O', 'casefold'] }, direct: true, says: /feature casefold/ },
  'a damaged file system': { spoil: (folder, base) => (debugfs(folder, base, 'sif /usr/sbin/sshd mode 0755', { write: true }), base), says: /file system is damaged/ },
  'a folder where a file belongs': { image: { tree: { 'etc/sudoers.d/trovestrap-agent/x': '' } }, says: /\/etc\/sudoers\.d\/trovestrap-agent is a folder in the image, where a file shall be/ },
  'a debug user whose name is taken': { wish: () => ({ debugUser: { name: 'daemon', sshKeys: ['k'] } }), says: /has a user or group daemon already/ },
  'a debug user who cannot log in': { wish: () => ({ debugUser: { name: 'ann', sshKeys: [] } }), says: /could not log in/ },
  'a debug user with an odd name': { wish: () => ({ debugUser: { name: 'a:b', sshKeys: ['k'] } }), says: /is no user name/ },
  'a token of another kind': { wish: () => ({ token: new Secret(`operator.${'x'.repeat(43)}`) }), says: /no bootstrap token/ },
  'an address with a path': { wish: () => ({ urls: ['https://host:1/x'] }), says: /no address of host-server/ },
  'a CA that is none': { wish: () => ({ ca: PRIVATE_KEY }), says: /no certificate/ },
  'a Node for another machine': { wish: (folder) => (writeFileSync(join(folder, 'arm'), elf(183)), { node: join(folder, 'arm') }), says: /no program for x64/ },
  'OUT in a folder that is not there': { wish: (folder) => ({ out: join(folder, 'x/y.qcow2') }), says: /is no folder/ },
}

const shared = smallImage(scratch(t.teardown))

for (const [name, { image, spoil, wish, says, direct }] of Object.entries(CASES)) {
  t.test(`${name}: refused in one message, BASE as it was, nothing written`, async (t) => {
    const folder = scratch(t.teardown)
    const ordinary = image ? smallImage(folder, image) : join(folder, 'base.qcow2')
    if (!image) copyFileSync(shared, ordinary)
    const base = spoil?.(folder, ordinary) ?? ordinary
    const whole = wishFor(folder, base, wish?.(folder))
    const before = fingerprint(folder)
    const error = (await buildImage({ ...whole, way: 'direct' }, quiet).then(() => undefined, (error: unknown) => error)) as Error | undefined
    t.equal(error?.name, direct ? 'NotThisWay' : 'ImageRefusal')
    t.match(error?.message, says)
    t.equal(error?.message.includes(whole.token!.reveal()), false)
    t.same(fingerprint(folder), before)
  })
}

t.test('OUT = BASE is refused, also through a link', async (t) => {
  const folder = scratch(t.teardown)
  const base = smallImage(folder)
  tool('ln', ['-s', base, join(folder, 'link.qcow2')])
  for (const out of [base, join(folder, 'link.qcow2')]) {
    await t.rejects(buildImage(wishFor(folder, base, { out, force: true }), quiet), { name: 'ImageRefusal', message: /is the base image itself/ })
  }
})

function fingerprint(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map((name) => [basename(name), createHash('sha256').update(readFileSync(join(folder, name))).digest('hex')]))
}
