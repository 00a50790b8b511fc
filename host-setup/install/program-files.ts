import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { HostError } from '../host-error.ts'
import type { Wanted } from './wanted.ts'

/** What nothing loads at run time: types, maps, texts. */
const IDLE = /\.(?:d\.[cm]?ts|map|md|markdown)$/i
/** Of Node's own package nothing but the program and its licence: the rest are headers and npm. */
const OF_NODE = /^(?:bin(?:\/node)?|LICENSE|package\.json)$/

/**
 * The program as it runs: what package.json calls its files, and the packages that package-lock.json does not call `dev`, as they lie here.
 * @param root of this checkout or copy @param prefix where the program goes
 * @throws HostError where the packages are not installed
 */
export function programFiles(root: string, prefix: string): Wanted[] {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] }
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, { dev?: boolean }> }
  const needed = Object.keys(packages).filter((path) => path !== '' && packages[path]!.dev !== true && existsSync(join(root, path)))
  const node = needed.find((path) => /\/node-linux-[a-z0-9]+$/.test(path))
  if (node === undefined) throw new HostError(`${root} has no packages, Node among them.\n  npm ci --omit=dev      in ${root}`)
  const paths = [
    ...['package.json', 'package-lock.json', ...files].flatMap((path) => (existsSync(join(root, path)) ? below(root, path) : [])),
    ...needed.flatMap((path) => below(root, path, path === node ? (name) => OF_NODE.test(relative(path, name)) : (name) => !IDLE.test(name))),
    'node_modules/.bin/node',
  ]
  return paths.map((path): Wanted => {
    const stat = lstatSync(join(root, path))
    const to = join(prefix, path)
    if (stat.isSymbolicLink()) return { path: to, mode: 0o777, link: readlinkSync(join(root, path)) }
    return { path: to, mode: stat.mode & 0o100 ? 0o755 : 0o644, from: join(root, path) }
  })
}

/** Files and links at a path and below it, without packages inside of packages: the lock file lists these by themselves. */
function below(root: string, path: string, wanted: (path: string) => boolean = () => true): string[] {
  if (!lstatSync(join(root, path)).isDirectory()) return [path]
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => {
    const inner = join(path, entry.name)
    if (entry.name === 'node_modules' || entry.name === '__pycache__' || !wanted(inner)) return []
    return entry.isDirectory() ? below(root, inner, wanted) : [inner]
  })
}
