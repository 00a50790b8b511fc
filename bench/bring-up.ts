import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { progress } from '../cli/progress.ts'
import { parseConsoleLine } from '../contract/console-line.ts'
import { cacheRoot } from '../lab/cache.ts'
import { startScene } from '../lab/scene.ts'

interface Figure {
  readonly what: string
  readonly measured: string
  readonly wanted: string
}

const READY_MS = 10 * 60_000

/** What the guest's daemon and host-server cost, on real parts. @returns markdown */
export async function bringUp(): Promise<string> {
  await using scene = await startScene(join(cacheRoot(), `bench-${process.pid}`), progress(process.stdout))
  const hostIdle = residentMegabytes(scene.host.pid())
  const instance = await scene.controlPlane.createInstance('db-1')
  await instance.prepare()
  await using guest = await scene.boot(instance)
  const line = await guest.console.waitFor(/stage=ready state=done note=".*"/, { timeoutMs: READY_MS })
  const note = parseConsoleLine(line.input)?.words['note'] ?? ''
  const login = { user: scene.debug.user, privateKey: scene.debug.privateKey }
  const payload = await guest.shell('sudo du -sb /opt/trovestrap | cut -f1', login)

  const figures: Figure[] = [
    { what: 'daemon in the guest: CPU time of its own process from its start to the start of the agent (pip is another process)', measured: /started own CPU ([\d.]+ s)/.exec(note)?.[1] ?? note, wanted: 'under 3 s' },
    { what: 'daemon in the guest: the same, until the agent is heard', measured: /; own CPU ([\d.]+ s)/.exec(note)?.[1] ?? note, wanted: '-' },
    { what: 'daemon in the guest: peak memory', measured: /peak (\d+ MB)$/.exec(note)?.[1] ?? note, wanted: 'under 90 MB' },
    { what: 'payload in the guest', measured: `${Math.round(Number(payload.stdout) / 1e6)} MB`, wanted: 'under 120 MB' },
    { what: 'host-server idle: resident, just started, before the first guest', measured: `${hostIdle} MB`, wanted: 'under 90 MB' },
    { what: 'host-server: resident after one bring-up', measured: `${residentMegabytes(scene.host.pid())} MB`, wanted: '-' },
  ]
  return `One bring-up of a guest (${guest.accelerator.toUpperCase()}) from a built image, with Debian's python3-trove as source.

| figure | measured | wanted |
|---|---|---|
${figures.map(({ what, measured, wanted }) => `| ${what} | ${measured} | ${wanted} |`).join('\n')}
`
}

/** VmRSS, in MB of 10^6 bytes. */
function residentMegabytes(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round((Number(kib) * 1024) / 1e6)
}
