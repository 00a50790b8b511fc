import type { Command } from 'commander'
import type { Verdict } from '../diagnosis/diagnosis.ts'
import { withCloudOption } from './cloud-option.ts'
import { diagnoseAll, allText } from './diagnose-all.ts'
import { withDiagnoseOptions, type DiagnoseOptions } from './diagnose-options.ts'
import { diagnoseOne, terminal } from './diagnose-one.ts'
import { plainJson } from './plain-json.ts'
import { CliError, EXIT } from './exit.ts'

/** The worst of several counts, in this order. */
export const EXITS: Record<Verdict, number> = { healthy: EXIT.well, 'coming-up': EXIT.well, unknown: EXIT.undecided, undecided: EXIT.undecided, cause: EXIT.causeFound }
const WORST: readonly Verdict[] = ['cause', 'undecided', 'unknown', 'coming-up', 'healthy']

/** `trovestrap diagnose [INSTANCE]` */
export function registerDiagnose(program: Command): void {
  withCloudOption(withDiagnoseOptions(program.command('diagnose').description('Name the reason why an instance does not come up, the line that proves it, and what to type. Looks everywhere it can; changes nothing.')))
    .argument('[INSTANCE]', 'id of an instance, the beginning of it, or its name')
    .addHelpText('after', HELP)
    .action(async (instance: string | undefined, options: DiagnoseOptions, command: Command) => {
      const began = performance.now()
      checkUse(instance, options)
      const named = command.optsWithGlobals<{ config?: string }>().config
      if (!options.all) {
        const { diagnosis, text } = await diagnoseOne(instance, named, options, began)
        process.stdout.write(options.json ? plainJson(diagnosis) : text)
        return end(diagnosis.verdict)
      }
      const { hostOf } = await import('./diagnose-host.ts')
      const { chooseSources } = await import('./diagnose-sources.ts')
      const { findStuck } = await import('./diagnose-find.ts')
      const host = hostOf(named, options)
      const sources = await chooseSources(host, options)
      const diagnoses = await diagnoseAll(await findStuck(host, sources.database), sources)
      process.stdout.write(options.json ? plainJson({ instances: diagnoses }) : allText(diagnoses, terminal()))
      end(WORST.find((verdict) => diagnoses.some((one) => one.verdict === verdict)) ?? 'healthy')
    })
}

const HELP = `
Examples:
  trovestrap diagnose db-1
  trovestrap diagnose db-1 --ssh debug --ssh-key debug.key
  trovestrap diagnose --all
  trovestrap diagnose db-1 --save db-1.json
  trovestrap diagnose --evidence db-1.json       there, or on another machine

Exit codes: 0 healthy or coming up, 1 failed or no such instance, 2 wrong usage,
            3 a cause was found, 4 undecided or unknown.`

/** What belongs to one instance makes no sense for all of them, and evidence brings its own. */
function checkUse(instance: string | undefined, options: DiagnoseOptions): void {
  const { all, evidence, console, save, ssh } = options
  if (all && (instance !== undefined || evidence !== undefined)) throw new CliError('--all takes neither an INSTANCE nor --evidence')
  if (all && (console !== undefined || save !== undefined || ssh?.host !== undefined)) throw new CliError('--console, --save and a host of --ssh belong to one instance; --all looks at several')
  if (instance?.trim() === '') throw new CliError('expected an id or a name as INSTANCE, got an empty word')
  if (evidence !== undefined && save !== undefined) throw new CliError('--evidence looks nowhere, so there is nothing to --save')
  if (!all && instance === undefined && evidence === undefined) throw new CliError('expected an INSTANCE, --all or --evidence FILE, got none of them.\n  trovestrap diagnose db-1  looks at the instance of that name, or id\n  trovestrap status         lists the instances that have enrolled')
}

/** The verdict is said already; the exit code is all that is left to say. */
function end(verdict: Verdict): void {
  if (EXITS[verdict] !== EXIT.well) throw new CliError('', EXITS[verdict])
}
