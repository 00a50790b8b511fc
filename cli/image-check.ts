import type { Command } from 'commander'
import { explainFindings } from '../image-builder/check/explain.ts'
import { checkImage } from '../image-builder/without-root/verbs.ts'
import { CliError, EXIT } from './exit.ts'
import { checkFacts, type CheckOptions } from './image-check-facts.ts'
import { explained, reachOf, withReachOptions, type ReachOptions } from './image-work.ts'

interface ImageCheckOptions extends CheckOptions, ReachOptions {
  readonly json?: boolean
}

/** `trovestrap image check` */
export function registerImageCheck(image: Command): void {
  const check = image
    .command('check')
    .description('Look for everything that would keep guests of an image from coming up, and for secrets in it, without booting it. IMAGE is only read.')
    .argument('IMAGE', 'one that image build made, or one with a Trove agent of its own')
    .option('--injected-owner <NAME>', 'injected_config_owner of the Trove control plane (default: what the configured trove.conf says, else ubuntu)')
    .option('--python-requires <SPEC>', 'what the tree to be served requires, such as ">=3.11" (default: what the configured source tree says)')
    .option('--json', 'for programs: the findings as a list')
  withReachOptions(check)
    .addHelpText('after', '\nExit codes: 0 no finding is an error, 1 at least one is, 2 the image cannot be read.')
    .action(async (path: string, options: ImageCheckOptions, command: Command) => {
      const facts = await checkFacts(options, command)
      const findings = await explained('nothing was checked', async (signal) => await checkImage(path, reachOf(options), facts, signal))
      process.stdout.write(options.json ? `${JSON.stringify(findings, null, 2)}\n` : explainFindings(path, findings))
      if (facts.pythonRequires === undefined) {
        process.stderr.write('not checked: whether Python is new enough, because no configured source tree says what it requires. Type: --python-requires SPEC\n')
      }
      if (findings.some(({ level }) => level === 'error')) throw new CliError(`${path} is not fit to be booted: see its errors`, EXIT.failed)
    })
}
