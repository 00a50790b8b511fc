import { BuildFailure, ImageRefusal } from '../refusal.ts'
import { runTool, said } from '../run-tool.ts'
import type { WorkImage } from '../way.ts'
import type { Blocks } from './blocks.ts'
import { extendEntry, readTable, type Place } from './partition-table.ts'
import { listPartitions, type Partition } from './partitions.ts'

/** @param bytes that the disk shall have. @throws ImageRefusal when that is less than it has */
export async function growDisk(work: WorkImage, bytes: number): Promise<WorkImage> {
  if (bytes < work.size) throw new ImageRefusal(`the disk has ${gibibytes(work.size)}; it can be enlarged, and ${gibibytes(bytes)} would be less`)
  const size = Math.ceil(bytes / 512) * 512
  const ran = await runTool('qemu-img', ['resize', '-q', '-f', 'qcow2', work.file, String(size)], { cwd: work.folder, signal: work.signal })
  if (ran.code !== 0) throw new BuildFailure(`the disk could not be enlarged: ${said(ran)}`)
  return { ...work, size }
}

/** Lets a partition reach to the end of the disk. @throws ImageRefusal when another one lies behind it */
export async function growPartition(disk: Blocks, partition: Partition, place: Place): Promise<Partition> {
  if (partition.number === 0) return { ...partition, size: disk.size }
  const table = await readTable(disk, place)
  if (!table) throw new BuildFailure('the partition table is gone')
  const behind = table.entries.find(({ offset }) => offset > partition.offset)
  if (behind) throw new ImageRefusal(`partition ${partition.number} cannot be enlarged: partition ${behind.number} lies behind it. Use virt-resize --expand, which moves partitions`)
  await extendEntry(disk, table, partition.number, place)
  const grown = (await listPartitions(disk, place)).find(({ number }) => number === partition.number)
  if (grown?.offset !== partition.offset || grown.size < partition.size) throw new BuildFailure(`partition ${partition.number} is not where it was after it was enlarged`)
  return grown
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`
}
