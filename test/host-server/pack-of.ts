import { ROUTES } from '../../contract/routes.ts'
import type { Guest, RealHost } from './real-host.ts'

/** Digest of the zstd pack that is handed out now. */
export async function packOf(host: RealHost, { credential }: Guest): Promise<string> {
  const { body } = await host.ask(ROUTES.manifest, { headers: { authorization: `Bearer ${credential}` } })
  const { payload } = JSON.parse(body.toString()) as { payload: string }
  return (JSON.parse(Buffer.from(payload, 'base64').toString()) as { pack: { zstd: { sha256: string } } }).pack.zstd.sha256
}
