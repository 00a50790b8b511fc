import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import type { Test } from 'tap'
import { freePorts } from '../../../lab/free-ports.ts'
import { until } from '../../../lab/until.ts'

/** A real mariadbd in a folder of its own, without any database in it: it greets, and lets nobody in. */
export async function startMariadb(t: Test, options: readonly string[] = []): Promise<{ port: number }> {
  // tap's own folder has a path that is too long for a socket.
  const folder = await mkdtemp(join(tmpdir(), 'greeting-'))
  const [port] = (await freePorts(1)) as [number]
  const user = process.getuid?.() === 0 ? ['--user=root'] : []
  execFileSync('mariadb-install-db', ['--no-defaults', `--datadir=${folder}/data`, '--skip-test-db', '--skip-name-resolve', ...user], { stdio: 'ignore' })
  const server = spawn('mariadbd', ['--no-defaults', ...user, `--datadir=${folder}/data`, `--socket=${folder}/s`, `--pid-file=${folder}/pid`, '--bind-address=127.0.0.1', `--port=${port}`, '--innodb-buffer-pool-size=8M', ...options], { stdio: 'ignore' })
  t.teardown(async () => {
    server.kill('SIGKILL')
    await once(server, 'exit')
    await rm(folder, { recursive: true, force: true })
  })
  await until('the socket of mariadbd', () => existsSync(`${folder}/s`) || undefined, { timeoutMs: 20_000 })
  return { port }
}
