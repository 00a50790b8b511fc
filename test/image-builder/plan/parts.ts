import { readUnitTexts } from '../../../image-builder/plan/unit-texts.ts'
import { planBuild, type Plan, type PlanParts } from '../../../image-builder/plan/plan-build.ts'
import type { DebugUser, Prebake, Wish } from '../../../image-builder/wish.ts'
import { Secret } from '../../../contract/secret.ts'
import { CA, PUBLIC_KEY, TOKEN } from '../small-image.ts'
import { applied, type MemoryTree } from './memory-tree.ts'

export const ANN: DebugUser = { name: 'ann', sshKeys: [PUBLIC_KEY], passwordHash: '$6$salt$hash' }

export const PREBAKE: Prebake = {
  revision: 'r1',
  description: 'of a test',
  changes: [
    { kind: 'folder', path: '/var/lib/trove/source', mode: 0o755, uid: 0, gid: 0 },
    { kind: 'folder', path: '/var/lib/trove/source/r1', mode: 0o755, uid: 0, gid: 0 },
    { kind: 'file', path: '/var/lib/trove/source/r1/setup.py', mode: 0o644, uid: 0, gid: 0, content: { text: 'setup()\n' } },
    { kind: 'link', path: '/var/lib/trove/source/current', target: 'r1' },
    { kind: 'file', path: '/usr/share/trovestrap/wheels/x.whl', mode: 0o644, uid: 0, gid: 0, content: { text: 'wheel' } },
  ],
}

const UNITS = await readUnitTexts('trove')

export function partsFor(more: Partial<Wish> & { readonly now?: string; readonly sha256?: string; readonly noToken?: boolean } = {}): PlanParts {
  const { now = '2026-01-02T03:04:05Z', sha256 = 'c'.repeat(64), noToken = false, ...wish } = more
  return {
    wish: {
      base: '/base.qcow2',
      out: '/out.qcow2',
      urls: ['https://10.0.0.1:15555'],
      ca: CA,
      ...(noToken ? {} : { token: new Secret(TOKEN) }),
      agentUser: 'trove',
      bundle: { code: Buffer.from('console.log("ready")\n'), sha256: 'a'.repeat(64) },
      version: '0.1.0',
      ...wish,
    },
    payload: { version: '24.0.0', node: { hostFile: '/x', size: 2, sha256: 'b'.repeat(64) } },
    units: UNITS,
    base: { name: 'base.qcow2', sha256 },
    now: new Date(now),
  }
}

/** A plan made and carried out. */
export async function built(tree: MemoryTree, more: Parameters<typeof partsFor>[0] = {}): Promise<{ plan: Plan; tree: MemoryTree }> {
  const plan = await planBuild(tree, partsFor(more))
  return { plan, tree: applied(tree, plan.changes) }
}
