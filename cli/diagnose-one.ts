import { diagnose } from '../diagnosis/diagnose.ts'
import type { Diagnosis } from '../diagnosis/diagnosis.ts'
import type { Evidence } from '../diagnosis/evidence.ts'
import { explain } from '../diagnosis/explain.ts'
import type { Look } from '../diagnosis/page.ts'
import type { Cloud } from '../openstack/cloud.ts'
import type { DiagnoseOptions } from './diagnose-options.ts'
import { CliError, EXIT } from './exit.ts'

/** Columns where there is no terminal. */
const WIDE = 120

/**
 * Sees what can be seen of one instance, or reads what was seen, and judges it.
 * @param named configuration file by --config
 * @param cloud where somebody is logged in already; else the one that the options mean
 * @throws CliError for an instance that nobody knows, and for a file that is none
 */
export async function diagnoseOne(instance: string | undefined, named: string | undefined, options: DiagnoseOptions, began: number, cloud?: Cloud): Promise<{ diagnosis: Diagnosis; text: string }> {
  const evidence = options.evidence === undefined ? await see(instance!, named, options, began, cloud) : await readBack(options.evidence, instance)
  const diagnosis = diagnose(evidence)
  return { diagnosis, text: explain(diagnosis, terminal()) }
}

export function terminal(): Look {
  const { stdout } = process
  return { width: stdout.isTTY ? stdout.columns : WIDE, now: new Date(), color: stdout.isTTY === true && stdout.hasColors() && !process.env['NO_COLOR'] }
}

async function see(instance: string, named: string | undefined, options: DiagnoseOptions, began: number, cloud: Cloud | undefined): Promise<Evidence> {
  const [{ hostOf }, { chooseSources }, { findTarget }, { collectEvidence }, { lookProgress }, { unknownEverywhere }] = await Promise.all([
    import('./diagnose-host.ts'),
    import('./diagnose-sources.ts'),
    import('./diagnose-find.ts'),
    import('./diagnose-collect.ts'),
    import('./diagnose-progress.ts'),
    import('../diagnosis/known-to.ts'),
  ])
  const host = hostOf(named, options)
  const sources = await chooseSources(host, options, cloud)
  using shown = lookProgress(instance, sources.collectors.map(({ source }) => source))
  const evidence = await collectEvidence(await findTarget(instance, host, sources.database), sources, began, shown.done)
  const unknown = unknownEverywhere(evidence)
  if (unknown !== undefined) throw new CliError(`${unknown}\n  trovestrap status      lists those that have enrolled, and who was refused`, EXIT.failed)
  if (options.save !== undefined) (await import('./diagnose-save.ts')).saveEvidence(options.save, evidence)
  return evidence
}

async function readBack(file: string, instance: string | undefined): Promise<Evidence> {
  const { readEvidence, EvidenceFileError } = await import('../diagnosis/read-evidence.ts')
  try {
    const evidence = readEvidence(file)
    if (instance === undefined || instance === evidence.name || evidence.instance.startsWith(instance.toLowerCase())) return evidence
    throw new CliError(`${file} is about ${evidence.name ?? evidence.instance}, not about ${instance}`)
  } catch (error) {
    if (error instanceof EvidenceFileError) throw new CliError(`${error.message}\n  trovestrap diagnose INSTANCE --save FILE      writes one`, EXIT.usage, { cause: error })
    throw error
  }
}
