import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { GUEST } from '../../contract/paths.ts'
import { openForReading } from '../../image-builder/open-image.ts'
import { walk } from '../../image-builder/tree.ts'
import { debugfs, smallImage } from '../image-builder/small-image.ts'
import { canary, tokenCanary, tracesOf, type Canary } from './canary.ts'
import type { CanaryHost, Verb } from './host.ts'
import { PLANTED } from './planted.ts'
import type { Seen } from './seen.ts'
import { runVerbs } from './verbs.ts'

/** Verbs that end with 1 for what they find. */
const JUDGES = ['check', 'diff']
const LIMIT = 16 * 2 ** 20

/** An image that can be built upon. */
export function baseImage({ folder }: CanaryHost): string {
  const image = smallImage(folder, { size: 32 })
  debugfs(folder, image, ['sif /etc/shadow mode 0100640', 'sif /etc/gshadow mode 0100640'], { write: true })
  return image
}

/**
 * Builds an image with a token and a debug user's password, builds upon it again, gives it another debug user, strips it; and looks at the
 * bytes of each file, free blocks too.
 * @returns what went wrong: a secret in a file that is open or not its own
 */
export async function imagesWithCanaries(host: CanaryHost, seen: Seen, base: string, canaries: Canary[]): Promise<string[]> {
  const at = (name: string): string => join(host.folder, name)
  const [built, again, other, clean] = [at('built.qcow2'), at('again.qcow2'), at('other.qcow2'), at('clean.qcow2')] as const
  const user = ['--debug-user', 'ann', '--debug-password-stdin', '--accept', 'disk-nearly-full']
  const lines: Verb[] = [
    { argv: ['image', 'build', base, '-o', built, ...user], input: `${PLANTED.debug}\n` },
    { argv: ['image', 'inspect', built] },
    { argv: ['image', 'check', built] },
    { argv: ['image', 'diff', base, built, '--json'] },
    { argv: ['image', 'build', built, '-o', again, ...user], input: `${PLANTED.debug}\n` },
    { argv: ['image', 'debug-user', again, '-o', other, '--debug-user', 'bob', '--debug-password-stdin'], input: `${PLANTED.debug}\n` },
    { argv: ['image', 'strip', other, '-o', clean] },
  ]
  const ended = await runVerbs(host, seen, lines)
  const failed = ended.flatMap(({ code, stderr }, index) => (code === 0 || (code === 1 && JUDGES.includes(lines[index]!.argv[1]!)) ? [] : [`${lines[index]!.argv.slice(0, 2).join(' ')} ended with ${code}: ${stderr}`]))
  if (failed.length > 0) return failed

  const tokens = await Promise.all([built, again].map((image) => tokenIn(image)))
  const hashes = await Promise.all([built, again, other].map((image) => hashIn(image)))
  const [first, second] = tokens.map((token, index) => tokenCanary(`token of image ${index + 1}`, token)) as [Canary, Canary]
  const [ann, annAgain, bob] = hashes.map((hash, index) => canary(`password hash of image ${index + 1}`, hash)) as [Canary, Canary, Canary]
  canaries.push(first, second, ann, annAgain, bob)
  const images: [string, string, Canary[]][] = [['built image', built, [first, ann]], ['image built again', again, [second, annAgain]], ['image with another user', other, [second, bob]], ['stripped image', clean, []]]
  for (const [place, path, own] of images) {
    seen.add(`${place}: its bytes`, readFileSync(path), own.map(({ name }) => name))
    if (existsSync(`${path}.json`)) seen.add('what stands beside images', readFileSync(`${path}.json`))
  }
  const wrong = await Promise.all(images.map(async ([place, path, own]) => [...(await strangersIn(path, canaries, own)).map((line) => `${place}: ${line}`), ...((statSync(path).mode & 0o077) === 0 ? [] : [`${place} is open`])]))
  return wrong.flat()
}

async function tokenIn(image: string): Promise<string> {
  await using opened = await openForReading(image, {})
  return (JSON.parse((await opened.tree.read(GUEST.config, LIMIT)).toString()) as { token: string }).token
}

async function hashIn(image: string): Promise<string> {
  await using opened = await openForReading(image, {})
  return /^(?:ann|bob):([^:]+):/m.exec((await opened.tree.read('/etc/shadow', LIMIT)).toString())![1]!
}

/** Every file of an image that holds a canary: only the token and the hash may, and only for root's eyes. */
async function strangersIn(image: string, canaries: readonly Canary[], own: readonly Canary[]): Promise<string[]> {
  await using opened = await openForReading(image, {})
  const found: string[] = []
  for await (const { path, node } of walk(opened.tree, '/')) {
    if (node.type !== 'file') continue
    const bytes = await opened.tree.read(path, LIMIT)
    const traces = tracesOf(canaries, bytes)
    if (traces.length > 0 && (node.mode & 0o007) !== 0) found.push(`${path} ${(node.mode & 0o777).toString(8)} holds ${traces.join(', ')}`)
    found.push(...tracesOf(canaries.filter((one) => !own.includes(one)), bytes).map((trace) => `${path} holds ${trace}`))
  }
  return found
}
