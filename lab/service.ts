import { startDaemon, whileRunning, type Daemon } from './daemon.ts'
import { until } from './until.ts'

/** A program of the control plane, to be stopped and started as systemd would. */
export interface Service extends AsyncDisposable {
  readonly running: boolean
  readonly log: string
  /** Returns when it does its work. @throws with the end of its log */
  start(): Promise<void>
  stop(): Promise<void>
  /** In the middle of whatever it does. */
  kill(): Promise<void>
}

export interface ServiceOptions {
  /** For messages. */
  readonly name: string
  readonly command: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly log: string
  /** Asked again and again until it says yes. */
  readonly ready: () => Promise<boolean>
  /** How that is called in an error: `to listen on its queue`. */
  readonly readiness: string
  /** Milliseconds that it may take to end in its own way. */
  readonly stopMs?: number
}

const START_MS = 120_000
/** While they retry the broker, OpenStack's services ignore SIGTERM for a minute. */
const STOP_MS = 3_000

/** Not running yet. */
export function service({ name, ready, readiness, stopMs = STOP_MS, ...options }: ServiceOptions): Service {
  let daemon: Daemon | undefined
  const stop = async () => daemon?.stop()
  return {
    log: options.log,
    get running() {
      return daemon?.running ?? false
    },
    async start() {
      daemon = await startDaemon({ name, ...options, graceMs: stopMs })
      const working = until(`${name} ${readiness} (its log: ${options.log})`, async () => (await ready()) || undefined, { timeoutMs: START_MS })
      await whileRunning(daemon, working).catch(async (error) => {
        await daemon?.kill()
        throw error
      })
    },
    stop,
    kill: async () => daemon?.kill(),
    [Symbol.asyncDispose]: stop,
  }
}
