import type { Command } from 'commander'
import { registerDevstackConf } from './devstack-conf.ts'

/** `trovestrap devstack conf` */
export function registerDevstack(program: Command): void {
  const devstack = program.command('devstack').description('Prepares a devstack that has Trove, and host-server beside it.')
  registerDevstackConf(devstack)
}
