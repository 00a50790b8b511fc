import { gunzipSync } from 'node:zlib'

/** Bytes, unpacked: Nova takes 64 KiB of user data, and a kilobyte of gzip may be a bomb. */
const LARGEST = 2 ** 20
/** Of all files together. */
const LARGEST_FILES = 4 * 2 ** 20

/** A file that Trove asked cloud-init to write. */
export interface InjectedFile {
  readonly path: string
  readonly content: Buffer
}

/**
 * The write_files of a user data, whatever it is wrapped in: gzip, MIME parts, or a shell script with Trove's
 * `#cloud-config` behind it (taskmanagers before 2025.2 join a datastore's script and their own part into one text,
 * of which cloud-init then only sees the script).
 *
 * @returns files in their order; what cannot be read is left out
 */
export async function injectedFiles(userData: Buffer): Promise<InjectedFile[]> {
  const text = unzipped(userData)?.toString('utf8') ?? ''
  const starts = [...text.matchAll(/^#cloud-config\b/gm)].map((match) => match.index)
  if (starts.length === 0) return []
  // Heavy, and needed only where cloud-init has not done its work.
  const { parse } = await import('yaml')
  let left = LARGEST_FILES
  const fileOf = (entry: unknown): InjectedFile[] => {
    const file = readEntry(entry, left)
    left -= file?.content.length ?? 0
    return file === undefined ? [] : [file]
  }
  // What the reader says of its errors is quadratic where it is to be pretty.
  const options = { logLevel: 'error', prettyErrors: false } as const
  return starts.flatMap((start, index) => {
    const part = text.slice(start, starts[index + 1]).replace(/^--[^\n]*\n?[\s\S]*$/m, '')
    try {
      const document = parse(part, options) as { write_files?: unknown } | null
      return Array.isArray(document?.write_files) ? document.write_files.flatMap(fileOf) : []
    } catch {
      return []
    }
  })
}

/** @param most bytes of its content @returns undefined for what is no file, or cannot be unpacked */
function readEntry(entry: unknown, most: number): InjectedFile | undefined {
  const { path, content, encoding } = (entry ?? {}) as Record<string, unknown>
  if (typeof path !== 'string' || typeof content !== 'string') return undefined
  try {
    const bytes = decoded(content, typeof encoding === 'string' ? encoding.toLowerCase() : '', most)
    return bytes.length > most ? undefined : { path, content: bytes }
  } catch {
    return undefined
  }
}

/** cloud-init's names: cc_write_files.canonicalize_extraction. */
function decoded(content: string, encoding: string, most: number): Buffer {
  const unpack = (bytes: Buffer) => gunzipSync(bytes, { maxOutputLength: Math.max(1, most) })
  if (['gz', 'gzip'].includes(encoding)) return unpack(Buffer.from(content, 'latin1'))
  if (['gz+base64', 'gzip+base64', 'gz+b64', 'gzip+b64'].includes(encoding)) return unpack(Buffer.from(content, 'base64'))
  if (['b64', 'base64'].includes(encoding)) return Buffer.from(content, 'base64')
  return Buffer.from(content)
}

function unzipped(bytes: Buffer): Buffer | undefined {
  try {
    const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { maxOutputLength: LARGEST }) : bytes
    return text.length > LARGEST ? undefined : text
  } catch {
    return undefined
  }
}
