import { execFile } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { hostKeyOf, type HostKey } from '../../contract/host-key.ts'

const FILES = (): string[] => [join(homedir(), '.ssh/known_hosts'), '/etc/ssh/ssh_known_hosts']

/** Host keys by which this user knows a machine, as OpenSSH would look them up: also where the file has names hashed. */
export async function knownHostKeys(place: { readonly host: string; readonly port: number }, files: readonly string[] = FILES()): Promise<HostKey[]> {
  const name = place.port === 22 ? place.host : `[${place.host}]:${place.port}`
  const found = await Promise.all(files.map((file) => lookUp(name, file)))
  return [...new Set(found.flat())]
}

/** Its exit status says whether it has found anything; what it prints says it too. */
function lookUp(name: string, file: string): Promise<HostKey[]> {
  return new Promise((resolve) => {
    execFile('ssh-keygen', ['-F', name, '-f', file], { timeout: 5000 }, (_error, stdout) => {
      // A line may begin with a mark, `@revoked` or `@cert-authority`: neither is a key to trust.
      const lines = stdout.split('\n').filter((line) => line !== '' && !/^[#@]/.test(line))
      resolve(lines.flatMap((line) => hostKeyOf(line.split(/\s+/).slice(1).join(' ')) ?? []))
    })
  })
}
