import { GUEST } from '../../contract/paths.ts'
import type { WheelIndex } from '../wheels/read-index.ts'
import type { Laid } from './lay-tree.ts'

/** The wheels in a folder for `pip --find-links`; nothing when there are none. */
export function layWheels({ files }: Pick<WheelIndex, 'files'>): Laid[] {
  if (files.size === 0) return []
  return [
    { kind: 'folder', path: GUEST.wheelhouse, mode: 0o755, uid: 0, gid: 0 },
    ...[...files.values()].map(
      ({ file, path, size, sha256 }): Laid => ({ kind: 'file', path: `${GUEST.wheelhouse}/${file}`, mode: 0o644, uid: 0, gid: 0, content: { hostFile: path, size, sha256 } }),
    ),
  ]
}
