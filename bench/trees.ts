import { appendFile, cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../lab/run.ts'
import { troveTree } from '../lab/trove-tree.ts'
import type { Trees } from './peers/way.ts'

const EDITED = join('trove', 'guestagent', 'dbaas.py')

/** Trove's tree as host-server hands it out, and the same with a line more in one file. @param folder where they are made */
export async function troveTrees(folder: string): Promise<Trees> {
  const trees = { before: join(folder, 'before'), after: join(folder, 'after') }
  await mkdir(trees.before, { recursive: true })
  await run(['rsync', '-a', '--exclude=.*', '--exclude=__pycache__', '--exclude=*.pyc', `${await troveTree(() => {})}/`, trees.before])
  await cp(trees.before, trees.after, { recursive: true, preserveTimestamps: true })
  await appendFile(join(trees.after, EDITED), '# edited\n')
  return trees
}
