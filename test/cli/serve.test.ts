import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import t, { type Test } from 'tap'
import { registerInit } from '../../cli/init.ts'
import { runVerb } from './run-verb.ts'

const AGENT_CONF = '[DEFAULT]\ntransport_url = rabbit://trove:secret@10.0.2.2:5672/\ncontrol_exchange = trove\n'

/** A program with this one verb: the others need not be loaded for it. */
const PROGRAM = `
import { Command } from 'commander'
import { registerServe } from ${JSON.stringify(join(import.meta.dirname, '../../cli/serve.ts'))}
import { CliError } from ${JSON.stringify(join(import.meta.dirname, '../../cli/exit.ts'))}
const program = new Command('trovestrap').option('--config <FILE>')
registerServe(program)
try { await program.parseAsync() } catch (error) {
  if (!(error instanceof CliError)) throw error
  process.stderr.write('trovestrap: ' + error.message + '\\n')
  process.exitCode = error.exitCode
}`

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function ground(t: Test): Promise<{ dir: string; config: string }> {
  const dir = t.testdir({
    tree: { trove: { '__init__.py': '' }, 'setup.cfg': '[metadata]\nname = trove\nversion = 18.0.0\n' },
    'agent.conf': AGENT_CONF,
    'trove.conf': AGENT_CONF,
  })
  const config = join(dir, 'config.yaml')
  const port = await freePort()
  writeFileSync(
    config,
    `names: [controller]\nstate: state\nlisten: { address: 127.0.0.1, port: ${port} }\nsource: { path: tree, version: '18.0.0' }\nguest_config: { path: agent.conf, trove_conf: trove.conf }\n`,
  )
  return { dir, config }
}

type Host = ChildProcessByStdio<null, Readable, Readable>

function start(t: Test, config: string): Host {
  const host = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, '--', '--config', config, 'serve'], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => host.kill('SIGKILL'))
  return host
}

/** Reads until the text is there. @returns all that was read; rejects when the stream ends first */
async function until(stream: Readable, text: string | RegExp): Promise<string> {
  let seen = ''
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    seen += String(chunk)
    if (typeof text === 'string' ? seen.includes(text) : text.test(seen)) return seen
  }
  throw new Error(`expected ${text}, got ${seen}`)
}

async function ended(host: Host): Promise<{ exitCode: number | null; told: string }> {
  let told = ''
  host.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()))
  await once(host, 'close')
  return { exitCode: host.exitCode, told }
}

t.test('serve says where it listens and what it hands out, reloads at SIGHUP, ends well at SIGTERM', async (t) => {
  const { dir, config } = await ground(t)
  await runVerb(t, registerInit, config, 'init')
  const host = start(t, config)
  t.match(await until(host.stderr, 'revision'), /^✔ host-server {5}https:\/\/controller:\d+ · source 2 files, revision [0-9a-f]{7}\n$/)
  writeFileSync(join(dir, 'agent.conf'), 'not a configuration\n')
  host.kill('SIGHUP')
  t.match(await until(host.stdout, '"msg":"reloaded"'), /"stale":\["guest_config"\]/)
  host.kill('SIGTERM')
  t.match(await ended(host), { exitCode: 0, told: '' })
})

t.test('a configuration with faults starts nothing and tells them all', async (t) => {
  const { config } = await ground(t)
  await runVerb(t, registerInit, config, 'init')
  writeFileSync(config, `${readFileSync(config, 'utf8').replace('path: tree', 'path: nowhere').replace(/port: \d+/, 'port: 15555x')}lgo: {}\n`)
  t.match(await ended(start(t, config)), {
    exitCode: 2,
    told: /^trovestrap: \S+ has 3 faults; nothing was started\.\n {2}lgo +is not a key of this file; did you mean log\?\n {2}listen\.port +expected 1 to 65535, got "15555x"\n {2}source\.path +\S+nowhere does not exist\n$/,
  })
})

t.test('a host that was not initialised says what to type', async (t) => {
  const { config } = await ground(t)
  t.match(await ended(start(t, config)), { exitCode: 2, told: /is not initialised \(.* is missing\); type: trovestrap init\n$/ })
})
