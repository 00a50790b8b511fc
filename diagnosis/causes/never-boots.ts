import type { Cause } from '../cause.ts'
import { type Facts, proofOf } from '../facts.ts'
import { lastOnConsole } from './last-on-console.ts'

/** What kernels, initramfs, loaders and firmware say where they give up. */
const GAVE_UP =
  /Kernel panic - not syncing|PANIC: double fault|VFS: Unable to mount root fs|Gave up waiting for (?:root|suspend)|ALERT! .* does not exist|You are in (?:emergency|rescue) mode|^\(initramfs\)|grub rescue>|No bootable device|Boot failed: not a bootable disk|FATAL: No bootable medium/

/** B1 */
export const neverBoots: Cause = {
  id: 'B1',
  name: 'guest-does-not-boot',
  title: 'the virtual machine does not boot, or its kernel panics',
  phase: 'boot',
  shows: '`Kernel panic`, `No bootable device`, an emergency shell; no word of the guest after it',
  needs: ['console'],
  mend: 'another kernel or image',
  find(facts) {
    const line = lastOnConsole(facts, GAVE_UP)
    if (!line || isAlive(facts)) return undefined
    return {
      what: `the guest's system gives up while it boots: ${line.text.replace(/^\[ *[\d.]+\] */, '').slice(0, 160)}`,
      proof: [proofOf(line)],
      mend: [
        { on: 'image', say: 'take a kernel or a base image that boots on this hypervisor; `trovestrap image check IMAGE.qcow2` looks at loader, kernel and file system' },
        { on: 'cloud', say: 'the whole text before this line is in: openstack console log show SERVER' },
      ],
    }
  },
}

function isAlive({ agentConnected, evidence }: Facts): boolean {
  return agentConnected === true || evidence.guest !== undefined
}
