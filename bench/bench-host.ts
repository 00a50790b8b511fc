import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret } from '../contract/secret.ts'
import { startHost, type Host } from '../lab/host.ts'
import { guestAgentConf, troveConf } from '../lab/trove-config.ts'

const BROKER = new Secret('rabbit://trove:guest-password@10.0.2.2:5672/trove')

/** `trovestrap serve` as an operator runs it, enrolment open, with a configuration of Trove's whose broker nobody asks. @param folder a new one */
export async function benchHost(folder: string, source: string, options: { follow?: boolean } = {}): Promise<Host> {
  await mkdir(join(folder, 'wheels'), { recursive: true })
  const files = { troveConf: join(folder, 'trove.conf'), guestAgentConf: join(folder, 'trove-guestagent.conf') }
  await writeFile(files.guestAgentConf, guestAgentConf(BROKER), { mode: 0o600 })
  await writeFile(files.troveConf, troveConf({ transportUrl: BROKER, database: join(folder, 'trove.sqlite'), guestAgentConf: files.guestAgentConf }), { mode: 0o600 })
  return startHost({ dir: folder, files, source, wheels: join(folder, 'wheels'), tell: () => {}, ...options })
}
