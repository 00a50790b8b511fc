import { diffTrees } from '../../image-builder/diff/diff-trees.ts'
import { openForReading } from '../../image-builder/open-image.ts'

/** What differs between two images, one line each: `changed /etc/passwd: size 10 -> 20 bytes`. */
export async function differences(one: string, other: string): Promise<string[]> {
  await using before = await openForReading(one, { way: 'direct' })
  await using after = await openForReading(other, { way: 'direct' })
  const found: string[] = []
  for await (const { kind, path, what } of diffTrees(before.tree, after.tree)) found.push(`${kind} ${path}: ${what.join(', ')}`)
  return found
}
