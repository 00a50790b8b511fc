// The daemon as it follows in a guest, in a root folder of its own: the same stages, engine, reports and Node. What is stood in for is said
// on stdout: systemd, which here starts a Python process that writes down when it began and which tree it is from, and RabbitMQ.
import { useTheCpu } from '../guest-bootstrap/spare-the-cpu.ts'
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { GUEST } from '../contract/paths.ts'
import { bringUp } from '../guest-bootstrap/engine.ts'
import { follow } from '../guest-bootstrap/follow/follow.ts'
import { realSystem } from '../guest-bootstrap/machine/real-system.ts'
import { consoleOutlet } from '../guest-bootstrap/reports/console-outlet.ts'
import { hostOutlet } from '../guest-bootstrap/reports/host-outlet.ts'
import { reporter } from '../guest-bootstrap/reports/reporter.ts'
import { bringUpStages } from '../guest-bootstrap/stages.ts'
import type { Finished, System } from '../guest-bootstrap/system.ts'
import { RUNS } from '../test/guest-bootstrap/unit-states.ts'
import { wellBroker } from '../test/guest-bootstrap/well-broker.ts'

const AGENT = 'import sys, time; print(f"agent {time.time() * 1000:.1f} {open(sys.argv[1]).read().strip()}", flush=True); time.sleep(600)'

process.umask(0o022)
const root = process.argv[2]!
const real = realSystem(root)
let agent: ChildProcess | undefined
const system: System = { ...real, run, amqp: async () => wellBroker(), addresses: () => [...real.addresses(), { name: 'lo', address: '127.0.0.1' }] }
const host = hostOutlet(system)
const announce = reporter(system, [consoleOutlet(join(root, GUEST.console)), host.outlet, ({ stage, state }) => void process.stdout.write(`${stage} ${state} ${Date.now()}\n`)])
await bringUp(bringUpStages, system, { announce, chance: Math.random })
announce({ stage: 'ready', state: 'done', attempt: 1 })
useTheCpu()
await follow(system, { announce, chance: Math.random })

async function run(program: string, args: readonly string[], options?: Parameters<System['run']>[2]): Promise<Finished> {
  const done = (stdout = ''): Finished => ({ code: 0, stdout, stderr: '' })
  if (args.includes('-I') && args.includes('-S')) return real.run(program, args.map((arg) => (arg.startsWith(GUEST.source) ? join(root, arg) : arg)), options)
  if (program.endsWith('python3')) return done(JSON.stringify({ version: '3.11.2', allowed: true, missing: [], found: [], managed: false, pip: true }))
  if (args[0] === 'restart') {
    agent?.kill('SIGKILL')
    agent = spawn('/usr/bin/python3', ['-c', AGENT, join(root, GUEST.currentSource, 'trove', 'version.py')], { stdio: ['ignore', 'inherit', 'inherit'] })
    return done()
  }
  if (args[0] === 'show') return done(RUNS)
  return program === 'systemctl' || program === 'journalctl' ? done() : real.run(program, args, options)
}
