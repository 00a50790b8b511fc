import type { Command } from 'commander'
import { INSTANCE_ID } from '../contract/credential.ts'
import { CliError, EXIT } from './exit.ts'
import { withStore } from './with-store.ts'

/** `trovestrap forget INSTANCE` */
export function registerForget(program: Command): void {
  program
    .command('forget')
    .description('Drop an enrolment with its reports, so that a rebuilt instance may enrol with a new key.')
    .argument('INSTANCE', "the instance's id, in full")
    .option('--revoke', 'refuse the instance from now on instead, whatever key it brings')
    .addHelpText('after', '\nExamples:\n  trovestrap forget 5b2d1f3e-0000-4000-8000-000000000001\n  trovestrap forget 5b2d1f3e-0000-4000-8000-000000000001 --revoke\n\nExit codes: 0 well, 1 no such instance, 2 wrong usage or configuration.')
    .action(async (text: string, options: { revoke?: boolean }, command: Command) => {
      const instance = text.toLowerCase()
      if (!INSTANCE_ID.test(instance)) throw new CliError('expected the id of an instance, a UUID.')
      const known = await withStore(command, (store) =>
        options.revoke ? store.instances.revoke(instance, new Date()) : store.instances.forget(instance, new Date()),
      )
      if (!known) throw new CliError(`instance ${instance} is not enrolled here.\n  trovestrap status      lists those that are`, EXIT.failed)
      process.stdout.write(
        options.revoke
          ? `instance ${instance} is refused from now on (trovestrap forget ${instance} undoes it)\n`
          : `instance ${instance} is forgotten; it may enrol again as a new one\n`,
      )
    })
}
