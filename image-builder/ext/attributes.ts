import type { Attributes } from '../tree.ts'
import { damaged } from './damaged.ts'

const MAGIC = 0xea020000
const PREFIXES: Readonly<Record<number, string>> = { 1: 'user.', 2: 'system.posix_acl_access', 3: 'system.posix_acl_default', 4: 'trusted.', 6: 'security.', 7: 'system.', 8: 'system.richacl' }

/** @param rest the inode behind its fixed part. @param block its attribute block, if it has one */
export function attributesIn(inode: number, rest: Buffer, block: Buffer | undefined): Attributes {
  const found = new Map<string, Buffer>()
  if (rest.length >= 8 && rest.readUInt32LE(0) === MAGIC) collect(inode, rest, 4, 4, found)
  if (block) {
    if (block.readUInt32LE(0) !== MAGIC) throw damaged(`the attribute block of inode ${inode} is none`)
    collect(inode, block, 32, 0, found)
  }
  return found
}

/** @param first where the entries begin; @param base what the offsets of values count from */
function collect(inode: number, area: Buffer, first: number, base: number, found: Map<string, Buffer>): void {
  for (let at = first; at + 4 <= area.length && area.readUInt32LE(at) !== 0; ) {
    if (at + 16 > area.length) throw damaged(`the attributes of inode ${inode} have no end`)
    const nameLength = area[at]!
    const prefix = PREFIXES[area[at + 1]!]
    const offset = base + area.readUInt16LE(at + 2)
    const size = area.readUInt32LE(at + 8)
    if (area.readUInt32LE(at + 4) !== 0 || offset + size > area.length || at + 16 + nameLength > area.length) throw damaged(`an attribute of inode ${inode} lies outside its area`)
    if (prefix === undefined) throw damaged(`inode ${inode} has an attribute of unknown kind ${area[at + 1]}`)
    const name = prefix + area.toString('utf8', at + 16, at + 16 + nameLength)
    const value = Buffer.from(area.subarray(offset, offset + size))
    found.set(name, name.startsWith('system.posix_acl_') ? aclForKernel(inode, value) : value)
    at += 16 + Math.ceil(nameLength / 4) * 4
  }
}

/** ext keeps ACLs shorter than the kernel shows them: entries of users and groups alone have an id there. */
function aclForKernel(inode: number, stored: Buffer): Buffer {
  const parts = [Buffer.from([2, 0, 0, 0])]
  for (let at = 4; at < stored.length; ) {
    if (at + 4 > stored.length) throw damaged(`the ACL of inode ${inode} is cut`)
    const named = [2, 8].includes(stored.readUInt16LE(at)) // ACL_USER, ACL_GROUP
    const entry = Buffer.alloc(8, 0xff)
    stored.copy(entry, 0, at, Math.min(stored.length, at + (named ? 8 : 4)))
    parts.push(entry)
    at += named ? 8 : 4
  }
  return Buffer.concat(parts)
}
