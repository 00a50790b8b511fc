import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { build } from 'esbuild'

export interface Bundle {
  readonly code: Buffer
  /** Hex. */
  readonly sha256: string
}

/**
 * The daemon and all that it imports as one ES module for the pinned Node. The same sources give the same bytes.
 * @param entry another program made of the daemon's parts, for measurements
 */
export async function bundle(entry = join(import.meta.dirname, 'main.ts')): Promise<Bundle> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
    // amqplib is CommonJS and asks for Node's own modules with require().
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  })
  const code = Buffer.from(outputFiles[0]!.contents)
  return { code, sha256: createHash('sha256').update(code).digest('hex') }
}
