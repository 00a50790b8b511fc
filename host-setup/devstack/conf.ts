import { scrub } from '../../contract/scrub.ts'
import { blockIn, blockText, replaceBlock } from './blocks.ts'
import { ownPart } from './own-part.ts'
import { makePassword, makeSwiftHash, PASSWORDS } from './passwords.ts'
import { plain, takeOver, type TakenOver, type Told } from './take-over.ts'

export interface ConfWish {
  /** The file as it is; absent: there is none. */
  readonly present?: string
  /** Text of an older local.conf, to be taken over. */
  readonly from?: string
  readonly hostIp: string
  /** For all four; absent: those that are there, else new ones. */
  readonly password?: string
  /** Absent: the one that is there, else master. */
  readonly branch?: string
  readonly port: number
}

export interface Conf {
  readonly text: string
  readonly branch: string
  /** Names of what was made now, and of what was taken from the older file. */
  readonly made: readonly string[]
  readonly taken: readonly string[]
  readonly told: readonly Told[]
}

const OURS = 'trovestrap devstack conf'
const OURS_HINT = 'what stands between these two marks is written anew by it; your own lines go below, and win'
const TAKEN = 'taken over'
const TAKEN_SECTIONS = 'sections taken over'

/** Whether a local.conf has our part. */
export function isOurs(text: string): boolean {
  return blockIn(text, OURS) !== undefined
}

/** What our part of a local.conf has set: HOST_IP, passwords, SWIFT_HASH. */
export function valuesIn(text: string): Map<string, string> {
  const lines = blockIn(text, OURS) ?? []
  return new Map(lines.flatMap((line) => [...line.matchAll(/^([A-Z_]+)=(.*)$/g)]).map(([, name, value]) => [name!, value!]))
}

/**
 * A local.conf: our part, what is taken over of an older one, and what somebody has written himself.
 * @param wish `present` has to be ours
 */
export function conf(wish: ConfWish): Conf {
  const there = valuesIn(wish.present ?? '')
  const old = wish.from === undefined ? undefined : takeOver(wish.from)
  const made: string[] = []
  const taken: string[] = []
  const secrets = new Map<string, string>()
  for (const name of [...PASSWORDS, 'SWIFT_HASH']) {
    const given = name === 'SWIFT_HASH' ? undefined : wish.password
    const before = oldValue(old, name)
    const value = given ?? there.get(name) ?? before ?? (made.push(name), name === 'SWIFT_HASH' ? makeSwiftHash() : makePassword())
    if (value === before && given === undefined && !there.has(name)) taken.push(name)
    secrets.set(name, value)
  }
  const branch = wish.branch ?? there.get('TROVE_CLIENT_BRANCH') ?? 'master'
  const lines = ownPart({ hostIp: wish.hostIp, secrets, branch, port: wish.port })
  const own = { name: OURS, lines }
  let text = wish.present === undefined ? `[[local|localrc]]\n${blockText(own, OURS_HINT)}` : replaceBlock(wish.present, own, OURS_HINT)
  if (old !== undefined) text = withTakenOver(text, old)
  return { text, branch, made, taken, told: old === undefined ? [] : [...old.told, ...otherwise(old, lines, secrets)] }
}

/** What an older local.conf says is this host's address. */
export function hostIpIn(from: string): string | undefined {
  const value = takeOver(from).values.get('HOST_IP')
  return value === undefined ? undefined : plain(value)
}

/** What our part sets otherwise than it was; passwords are never otherwise. */
function otherwise({ values }: TakenOver, lines: readonly string[], secrets: ReadonlyMap<string, string>): Told[] {
  const now = new Map(lines.flatMap((line) => [...line.matchAll(/^([A-Z_]+)=(.*)$/g)]).map(([, name, value]) => [name!, plain(value!)]))
  return [...values].flatMap(([name, value]): Told[] => {
    const ours = now.get(name)
    if (secrets.has(name) || ours === undefined || ours === plain(value)) return []
    return [{ what: 'dropped', line: `${name}=${scrub(value)}`, because: `${name} is ${ours} above` }]
  })
}

/** MYSQL_PASSWORD is what lib/database still takes for the other. An empty value is none: stack.sh would ask. */
function oldValue(old: TakenOver | undefined, name: string): string | undefined {
  const [value, other] = [old?.values.get(name), name === 'DATABASE_PASSWORD' ? old?.values.get('MYSQL_PASSWORD') : undefined]
  return [value, other].find((one) => one !== undefined && plain(one) !== '')
}

/** Behind our part, and the other sections behind all. Where it was taken over before, in its place. */
function withTakenOver(text: string, { localrc, sections }: TakenOver): string {
  const first = { name: TAKEN, lines: localrc.map(unmarked) }
  const last = { name: TAKEN_SECTIONS, lines: sections.map(unmarked) }
  const end = `# <<< ${OURS}\n`
  const withFirst = blockIn(text, TAKEN) === undefined ? text.replace(end, () => end + blockText(first)) : replaceBlock(text, first)
  if (blockIn(withFirst, TAKEN_SECTIONS) !== undefined) return replaceBlock(withFirst, last)
  return sections.length === 0 ? withFirst : `${withFirst.replace(/\n?$/, '\n')}${blockText(last)}`
}

/** A mark in the older file, which may be one of ours, is none in this one. */
function unmarked(line: string): string {
  return /^# (?:>>>|<<<) /.test(line) ? `# ${line}` : line
}
