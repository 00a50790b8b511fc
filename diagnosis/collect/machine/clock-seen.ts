import type { HostSeen } from '../../host-seen.ts'
import { output, type Run } from './output.ts'

type Clock = NonNullable<HostSeen['clock']>

/** Each tells whether the clock follows others, in words of its own; the first that answers counts. */
const TELLERS: readonly { from: string; command: readonly [string, ...string[]]; synchronised: (said: string) => boolean | undefined }[] = [
  // chronyc's "Leap status" is its 14th field: `Normal` where it follows a source.
  { from: 'chronyc tracking', command: ['chronyc', '-n', '-c', 'tracking'], synchronised: (said) => word(said.split(',')[13]?.trim(), { Normal: true, 'Not synchronised': false }) },
  { from: 'timedatectl', command: ['timedatectl', 'show', '--property=NTPSynchronized', '--value'], synchronised: (said) => word(said.trim(), { yes: true, no: false }) },
]

/** Whether this host's clock follows others; undefined where nobody here can tell. */
export async function clockSeen(signal: AbortSignal, partly: (why: string) => void, run: Run = output): Promise<Clock | undefined> {
  const refused: string[] = []
  for (const { from, command, synchronised } of TELLERS) {
    try {
      const known = synchronised(await run(command[0], command.slice(1), signal))
      if (known !== undefined) return { synchronised: known, from }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') refused.push(`${from}: ${(error as Error).message}`)
    }
  }
  partly(`clock: ${refused.length === 0 ? 'neither chronyc nor timedatectl is here' : refused.join('; ')}`)
  return undefined
}

function word(said: string | undefined, meanings: Readonly<Record<string, boolean>>): boolean | undefined {
  return said === undefined ? undefined : meanings[said]
}
