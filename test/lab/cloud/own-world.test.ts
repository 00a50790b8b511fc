import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import t from 'tap'
import { inOwnWorld, insideOwnWorld } from '../../../lab/cloud/own-world.ts'
import { bridgeOf, MANAGEMENT } from '../../../lab/cloud/network.ts'
import { run } from '../../../lab/run.ts'
import { until } from '../../../lab/until.ts'

t.test('what is done to the network and to mounts in a world of its own is not seen outside', async (t) => {
  t.equal(insideOwnWorld(), false)
  const bridge = bridgeOf(MANAGEMENT)
  const made = await run(inOwnWorld(['sh', '-e', '-c', `ip link add ${bridge} type bridge; mount -t tmpfs tmpfs /mnt; touch /mnt/seen-inside; ip -brief link show; ls /mnt`]))
  t.match(made, new RegExp(`${bridge} [^]*seen-inside`))
  t.notMatch(await run(['ip', '-brief', 'link', 'show']), bridge)
  t.notMatch(await run(['ls', '/mnt']), 'seen-inside')
})

t.test('killed outright, it takes everything with it, also what went into a session of its own', async (t) => {
  const mark = `${31_536_000 + process.pid}`
  const script = `require('node:child_process').spawn('setsid', ['--fork', 'sleep', '${mark}'], { detached: true }); setInterval(() => {}, 1000)`
  const [program, ...args] = inOwnWorld([process.execPath, '-e', script])
  const world = spawn(program!, args, { stdio: 'ignore' })
  await until('the sleeper', () => sleeps(mark) || undefined, { timeoutMs: 20_000 })
  world.kill('SIGKILL')
  await once(world, 'exit')
  await until('its end', () => !sleeps(mark) || undefined, { timeoutMs: 10_000 })
  t.notOk(sleeps(mark))
})

function sleeps(mark: string): boolean {
  return globSync('/proc/[0-9]*/cmdline').some((file) => read(file) === `sleep\0${mark}\0`)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
