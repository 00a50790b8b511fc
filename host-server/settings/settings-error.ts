import { printable } from '../../contract/printable.ts'

/** One thing that is wrong with the configuration file. */
export interface SettingsFault {
  /** `listen.port`, or `line 7` where the file is not YAML. */
  readonly key: string
  /** What was expected and what came. */
  readonly problem: string
}

/** Every fault of a configuration file. The message names them all, one a line. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  readonly file: string
  readonly faults: readonly SettingsFault[]

  constructor(file: string, faults: readonly SettingsFault[], options?: ErrorOptions) {
    super('', options)
    this.file = file
    // Its keys are whatever somebody has written into the file.
    this.faults = faults.map(({ key, problem }) => ({ key: printable(key), problem: printable(problem) }))
    this.message = explain(file, this.faults)
  }

  /** @param consequence what that means for the verb: `nothing was started` */
  explain(consequence: string): string {
    return explain(this.file, this.faults, `; ${consequence}.`)
  }
}

function explain(file: string, faults: readonly SettingsFault[], end = ':'): string {
  const width = Math.max(...faults.map((fault) => fault.key.length))
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`
  return [`${file} has ${count}${end}`, ...faults.map((fault) => `  ${fault.key.padEnd(width)}  ${fault.problem}`)].join('\n')
}
