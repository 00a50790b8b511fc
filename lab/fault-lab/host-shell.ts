import { run } from '../run.ts'

/** What a command on the lab's host finds in its environment. */
export interface HostPlaces {
  readonly LAB: string
  readonly INSTANCE: string
  readonly GUEST_CONFIG: string
  readonly TROVE_CONF: string
  readonly TROVESTRAP_YAML: string
  readonly STATE: string
  readonly DATABASE: string
  readonly BROKER_PORT: string
  /** The tree that host-server hands out; a copy that may be broken. */
  readonly SOURCE: string
  /** A folder for what a fault makes. */
  readonly SCRATCH: string
  /** A free port on loopback, and another; others for each fault. */
  PORT: string
  PORT2: string
}

/** Runs commands as a person on the host would, one shell for all. @throws with what they said */
export function hostShell(commands: string, bin: string, places: HostPlaces, input = ''): Promise<string> {
  return run(['/bin/sh', '-e', '-u', '-c', commands], {
    cwd: places.SCRATCH,
    env: { PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin`, LANG: 'C.UTF-8', HOME: places.SCRATCH, ...places },
    input,
    timeoutMs: 120_000,
  })
}
