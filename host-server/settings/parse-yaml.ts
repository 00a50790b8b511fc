import { parseDocument } from 'yaml'
import type { SettingsFault } from './settings-error.ts'

/** One slip may be the reason of thousands. */
const MOST_FAULTS = 20

/** @returns the value, or what is wrong with the text, each with its line; the lines themselves are not quoted, a secret could stand there */
export function parseYaml(text: string): { value: unknown; faults: SettingsFault[] } {
  try {
    const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' })
    const faults = document.errors.slice(0, MOST_FAULTS).map((error) => ({
      key: `line ${lineOf(text, error.pos[0])}`,
      // Behind the colon some of these quote the line.
      problem: `expected YAML: ${error.message.split(':')[0]}`,
    }))
    return faults.length > 0 ? { value: undefined, faults } : { value: document.toJS(), faults }
  } catch (error) {
    // Nested deeper than the stack, or an alias that leads nowhere or to too much.
    return { value: undefined, faults: [{ key: 'file', problem: `expected YAML: ${(error as Error).message.split(':')[0]}` }] }
  }
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
