import { Fault } from '../../contract/fault.ts'
import { treeOf } from '../../contract/source-tree.ts'
import { MEMORY, recall } from '../memory.ts'
import type { System } from '../system.ts'
import { keptManifest } from '../tree/current.ts'
import { filesOf } from '../tree/unpack.ts'

/** More names than this make too long an argument list; after a checkout of another branch the agent's own start tells. */
const MOST = 500

/** Compiles and runs nothing, writes nothing. Only standard modules, none of the tree's. */
const COMPILE = 'import sys\nfor path in sys.argv[1:]:\n    compile(open(path, "rb").read(), path, "exec")'

/**
 * Whether the modules that differ compile, before the agent that runs is stopped for them.
 * @param before revision of the tree that runs
 * @throws Fault SYNTAX_ERROR with Python's own lines
 */
export async function checkSyntax(system: System, now: string, before: string | undefined): Promise<void> {
  const { files } = system
  const python = recall(files, MEMORY.installed)?.python
  const entries = filesOf(keptManifest(files, now)?.manifest.entries ?? [])
  const known = new Set(filesOf((before === undefined ? undefined : keptManifest(files, before))?.manifest.entries ?? []).map(({ path, sha256 }) => `${path}\0${sha256}`))
  const changed = entries.filter(({ path, sha256 }) => path.endsWith('.py') && !known.has(`${path}\0${sha256}`)).map(({ path }) => `${treeOf(now)}/${path}`)
  if (python === undefined || changed.length === 0 || changed.length > MOST) return
  const { code, stderr } = await system.run(python, ['-I', '-S', '-c', COMPILE, ...changed])
  if (code === 0) return
  // Of the traceback the last lines tell: the file, the line, the place, the error.
  const lines = stderr.trim().split('\n').filter((line) => !/^Traceback|File "<string>"/.test(line)).join('\n').replaceAll(`${treeOf(now)}/`, '').slice(-1000)
  throw new Fault('SYNTAX_ERROR', { lines }, lines.split('\n').at(-1) ?? '')
}
