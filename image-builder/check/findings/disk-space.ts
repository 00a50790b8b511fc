import { stat } from '../../tree.ts'
import { REBUILD, type Check, type Finding } from '../finding.ts'
import type { Look } from '../look.ts'

const MIB = 2 ** 20
/** Source tree and its compiled modules lie there twice while a new one takes the old one's place, and journal and cloud-init's logs grow meanwhile. */
const LEAST = 64 * MIB
/** pip unpacks what the image lacks of the requirements, and has the wheels beside it until it is done. */
const COMFORTABLE = 256 * MIB
/** Trove's source has about 600 files and most of them a compiled module; twice, as above, and some for everything else. */
const LEAST_INODES = 3000

/** Of the file system as it is; the cloud's disk may be larger, which helps only when something makes use of it. */
export const diskSpace: Check = {
  id: 'B8',
  looksFor: 'too little free space',
  async find(look) {
    const { freeBytes, totalBytes, freeInodes } = look.facts.space
    const few = freeInodes !== undefined && freeInodes < LEAST_INODES
    if (freeBytes >= COMFORTABLE && !few) return []
    const grows = await growsAtBoot(look)
    const level = grows ? 'note' : freeBytes < LEAST || few ? 'error' : 'warning'
    const left = freeBytes >= COMFORTABLE ? `${freeInodes} free inodes` : `${mebibytes(freeBytes)} MiB free of ${mebibytes(totalBytes)} MiB`
    const ending = grows ? 'cloud-init enlarges it at boot where the flavor\'s disk is larger' : 'nothing in the image enlarges it at boot'
    return [
      {
        id: 'B8',
        code: 'disk-nearly-full',
        level,
        what: `the root file system has ${left}; ${ending}`,
        mend: grows ? 'take a flavor whose disk is larger than the image' : `${REBUILD} --grow SIZE; or install cloud-guest-utils (growpart) in the base image and take a larger flavor`,
      } satisfies Finding,
    ]
  },
}

async function growsAtBoot({ tree, cloud }: Look): Promise<boolean> {
  if (cloud.growpartOff || !cloud.modules.includes('growpart') || !cloud.modules.includes('resizefs')) return false
  if (await stat(tree, '/etc/growroot-disabled')) return false
  return (await Promise.all(['/usr/bin/growpart', '/usr/sbin/growpart'].map((path) => stat(tree, path)))).some((node) => node?.type === 'file')
}

const mebibytes = (bytes: number): number => Math.floor(bytes / MIB)
