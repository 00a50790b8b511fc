import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { NotInside, type Inside, type QueueInside } from './inside.ts'

export interface RabbitmqctlOptions {
  /** `rabbitmqctl` unless said otherwise: `sudo -n rabbitmqctl`, `docker exec rabbitmq rabbitmqctl`. */
  readonly command?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

const MOST_BYTES = 16 * 1024 * 1024
/** Each start of rabbitmqctl costs about half a second of CPU, so one call asks all. */
const QUESTION = readFileSync(new URL('inside.erl', import.meta.url), 'utf8')
/** rabbitmqctl's own limit, seconds: it then ends although a wrapper around it was killed. */
const TIMEOUT = '3'

/** Reads, and changes nothing. @throws NotInside */
export async function askRabbitmqctl(queues: readonly string[], { command = ['rabbitmqctl'], env }: RabbitmqctlOptions, signal: AbortSignal): Promise<Inside> {
  const [program, ...before] = command
  const answer = await run(program!, [...before, '--quiet', '--timeout', TIMEOUT, '--formatter', 'string', 'eval', QUESTION, ...queues], env, signal)
  const { vhosts, users, permissions, alarms, connections, bindings, queues: found, ports } = parsed(answer)
  const missing = Object.entries({ users, permissions, alarms, connections, bindings, queues: found }).flatMap(([name, value]) => (value === null ? name : []))
  if (!users || !permissions || !alarms || !connections || !bindings || !found) throw new NotInside(`rabbitmqctl: this RabbitMQ does not tell its ${missing.join(', ')}`)
  return {
    from: 'rabbitmqctl',
    ...(ports === null ? {} : { ports }),
    queues: found,
    seen: {
      from: 'rabbitmqctl',
      vhosts,
      users,
      permissions,
      alarms,
      connections: connections.map(({ user, vhost, peer_host, state, name }) => ({ user, vhost, peer: peer_host, state, ...(name === '' ? {} : { name }) })),
      bindings: bindings.map(({ source, destination, key }) => ({ source, destination, key })),
      everywhere: found.filter(({ name }) => name === queues[0]).map(({ vhost, messages, consumers }) => ({ vhost, messages, consumers })),
    },
  }
}

interface Answer {
  readonly vhosts: string[]
  readonly users: string[] | null
  readonly permissions: { vhost: string; user: string; configure: string; write: string; read: string }[] | null
  readonly alarms: string[] | null
  readonly connections: { user: string; vhost: string; peer_host: string; state: string; name: string }[] | null
  readonly bindings: { source: string; destination: string; key: string }[] | null
  readonly queues: QueueInside[] | null
  readonly ports: number[] | null
}

function parsed(text: string): Answer {
  try {
    return JSON.parse(text) as Answer
  } catch (error) {
    throw new NotInside(`rabbitmqctl: expected JSON, got ${JSON.stringify(text.slice(0, 100))}`, { cause: error })
  }
}

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv | undefined, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { signal, killSignal: 'SIGKILL', maxBuffer: MOST_BYTES, ...(env === undefined ? {} : { env }) } as const
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error) reject(new NotInside(`rabbitmqctl: ${signal.aborted ? 'no answer in time' : reason(error, `${stderr}\n${stdout}`)}`, { cause: error }))
      else resolve(stdout)
    })
  })
}

function reason(error: Error & { code?: unknown }, said: string): string {
  if (error.code === 'ENOENT') return 'not installed on this host'
  if (error.code === 'EACCES') return 'may not be run by this user'
  const lines = said.split('\n').map((line) => line.trim()).filter((line) => line !== '' && line !== 'Error:')
  return (lines[0] ?? `ended with status ${String(error.code)}`).slice(0, 300)
}
