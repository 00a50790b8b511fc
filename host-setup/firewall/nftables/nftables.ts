import type { Backend } from '../backend.ts'

/** The kernel's own firewall: our table is all there is to it. */
export const nftables: Backend = {
  name: 'nftables',
  table: 'everything',
  isActive: (run) => run({ program: 'nft', args: ['--version'] }).then(() => true, () => false),
  steps: async () => [],
}
