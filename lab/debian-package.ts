import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './run.ts'

/** The version that apt would install; part of what names a cache entry. */
export async function candidateVersion(name: string): Promise<string> {
  const shown = await run(['apt-cache', 'show', '--no-all-versions', name])
  const version = /^Version: (.+)$/m.exec(shown)?.[1]
  if (version === undefined) throw new Error(`apt knows no package ${name}; type: sudo apt-get update`)
  return version
}

/** Downloads a Debian package and unpacks its files; nothing is installed. @returns the folder with the package's files */
export async function unpackPackage(name: string, work: string): Promise<string> {
  await mkdir(work, { recursive: true })
  await run(['apt-get', 'download', '--quiet', name], { cwd: work })
  const deb = (await readdir(work)).find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'))
  if (deb === undefined) throw new Error(`apt-get download ${name} left no .deb in ${work}`)
  const files = join(work, 'files')
  await run(['dpkg', '-x', join(work, deb), files])
  return files
}
