import { NotThisWay } from '../refusal.ts'
import type { Superblock } from '../ext/superblock.ts'

/** What debugfs writes wrongly, or only after long waiting; each was seen to damage files or to be beyond what e2fsck notices. */
const REFUSED: Readonly<Record<string, string>> = {
  casefold: 'names are compared without case there, debugfs compares with it',
  encrypt: 'debugfs would write plain names into encrypted folders',
  inline_data: 'sparse files would be cut',
  ea_inode: 'large attributes would be damaged',
  mmp: 'another host may have it mounted (multi-mount protection)',
  journal_dev: 'it is a journal, no file system',
}

const READ = new Set([
  ...['has_journal', 'ext_attr', 'resize_inode', 'dir_index', 'fast_commit', 'orphan_file', 'filetype', 'needs_recovery', 'extents', '64bit', 'flex_bg', 'metadata_csum_seed', 'large_dir'],
  ...['sparse_super', 'large_file', 'huge_file', 'uninit_bg', 'dir_nlink', 'extra_isize', 'metadata_csum', 'verity', 'orphan_present'],
])
/** Read and written well, but with more places for metadata than our own search for it knows: they are worked on as a whole. */
const READ_AS_A_WHOLE = new Set(['sparse_super2', 'meta_bg', 'quota', 'bigalloc', 'project'])

/** @throws NotThisWay naming the feature */
export function requireFeatures({ features }: Superblock): void {
  for (const feature of features) {
    const why = REFUSED[feature]
    if (why !== undefined) throw new NotThisWay(`its ext file system has the feature ${feature}: ${why}`)
    if (!READ.has(feature) && !READ_AS_A_WHOLE.has(feature)) throw new NotThisWay(`its ext file system has the feature ${feature}, which is unknown here`)
  }
}

export function needsWholeCopy({ features }: Superblock): boolean {
  return [...features].some((feature) => READ_AS_A_WHOLE.has(feature))
}
