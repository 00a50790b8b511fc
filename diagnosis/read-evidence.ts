import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { Value } from 'typebox/value'
import { Evidence } from './evidence.ts'
import { explainShape } from './explain-shape.ts'
import { printable } from './printable.ts'
import { scrubEvidence } from './scrub-evidence.ts'
import { systemReason } from './system-reason.ts'

/** Bytes. What collectors leave is a few hundred thousand. */
const LARGEST = 20 * 2 ** 20

/** One line: which file, what was expected, what came. The file's own words in it are made printable. */
export class EvidenceFileError extends Error {
  override readonly name = 'EvidenceFileError'

  constructor(message: string, options?: ErrorOptions) {
    super(printable(message), options)
  }
}

/**
 * Reads what `--save` wrote, here or elsewhere. The file may come from anybody: what speaks to a terminal or looks like a secret is taken out
 * again, and what the schema does not know is dropped.
 * @throws EvidenceFileError
 */
export function readEvidence(file: string): Evidence {
  const value = parse(file, read(file))
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined
  if (format !== 1) throw new EvidenceFileError(format === undefined ? `${file} is no evidence that trovestrap diagnose --save has written` : `${file} has evidence of format ${shown(format)}; this Trovestrap reads format 1`)
  if (!Value.Check(Evidence, value)) throw new EvidenceFileError(`${file} is damaged: ${explainShape(Evidence, value)}`)
  return scrubEvidence(Value.Clean(Evidence, value) as Evidence, [])
}

/** Opened without waiting for a writer (a FIFO), and looked at before a byte of it is read (a device has no end). */
function read(file: string): string {
  let handle: number | undefined
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = fstatSync(handle)
    if (!stat.isFile()) throw new EvidenceFileError(`${file} is no regular file`)
    if (stat.size > LARGEST) throw new EvidenceFileError(`${file} has ${Math.ceil(stat.size / 2 ** 20)} MiB; evidence has at most ${LARGEST / 2 ** 20}`)
    return readFileSync(handle, 'utf8')
  } catch (error) {
    if (error instanceof EvidenceFileError) throw error
    throw new EvidenceFileError(`${file} cannot be read: ${systemReason(error)}`, { cause: error })
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // At its end it quotes the file, which may be one that somebody named by mistake.
    throw new EvidenceFileError(`${file} is not JSON: ${(error as Error).message.split(/, (?:\.\.\.)?"/)[0]!.slice(0, 200)}`, { cause: error })
  }
}

function shown(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value).slice(0, 40) : typeof value
}
