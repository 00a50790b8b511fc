import { readdirSync } from 'node:fs'
import https from 'node:https'
import { tmpdir } from 'node:os'
import t from 'tap'
import { postReports, realHost, type Guest, type RealHost } from '../host-server/real-host.ts'
import { reportOf } from '../host-server/store/report-of.ts'
import { realSshd, type RealSshd } from '../instances/reach/real-sshd.ts'

// A host-server, an SSH server and several commands, each a process: on a busy machine that takes its time.
t.setTimeout(120_000)

const OTHER = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVf0Qq1p0rPTwE5p3QyN2m1JrN0o0u8g2oW6cYH6q2K'

/** The words after the instance. */
const to = ({ user, port, key }: RealSshd): string[] => ['--user', user, '--key', key, '--address', `127.0.0.1:${port}`]

async function tells(host: RealHost, guest: Guest, keys: readonly string[] | undefined): Promise<string> {
  await postReports(host, guest, [reportOf(1, keys === undefined ? {} : { host_keys: [...keys] })], new https.Agent({ ca: host.ca }))
  return guest.instance
}

t.test('the guest is known by the host key that it has reported; without one it is refused unless that is accepted', async (t) => {
  await using host = await realHost()
  await host.start()
  const sshd = await realSshd(t)
  const [first, second, third] = host.enrol(3)
  const known = await tells(host, first!, sshd.hostKeys)

  t.match(await host.run('status', known), { status: 0, output: /host key SHA256:\S{43} \(ssh-ed25519\)/ })
  const ran = await host.run('ssh', known, ...to(sshd), '--', 'echo out; exit 7')
  t.equal(ran.status, 7, 'the exit status is that of the command')
  t.match(ran.output, /^out$/m)
  t.match(ran.output, new RegExp(`log in +${known}: ${sshd.user}@127\\.0\\.0\\.1:${sshd.port} `), 'and by which way is said')

  const shell = await host.run('ssh', known, ...to(sshd))
  t.equal(shell.status, 0, 'a shell that has nothing to read ends well')
  t.same(readdirSync(tmpdir()).filter((name) => name.startsWith('trovestrap-ssh-')), [], 'and leaves no known_hosts behind')

  const impostor = await tells(host, second!, [OTHER])
  t.match(await host.run('ssh', impostor, ...to(sshd), '--', 'true'), { status: 255, output: /host key SHA256:\S+, which is none of those that are known/ })
  t.match(await host.run('ssh', impostor, ...to(sshd), '--accept-new-host-key', '--', 'true'), { status: 255 }, 'what it has reported counts, whatever is accepted')

  const silent = await tells(host, third!, undefined)
  t.match(await host.run('ssh', silent, ...to(sshd), '--', 'true'), { status: 2, output: /no host key of \S+ is known[^]*--accept-new-host-key/ })
  t.match(await host.run('ssh', silent, ...to(sshd), '--accept-new-host-key', '--', 'echo in'), { status: 0, output: /host key SHA256:\S{43} is not from the guest's own report/ })

  t.match(await host.run('ssh', known, ...to({ ...sshd, port: 1 }), '--', 'true'), { status: 255, output: /SSH does not reach the guest\.\n {2}connection refused: 127\.0\.0\.1:1\n/ })
  t.match(await host.run('logs', known, ...to({ ...sshd, port: 1 })), { status: 1, output: /no Nova is known that has its console/ })
  t.match(await host.run('ssh', 'nobody', '--', 'true'), { status: 1, output: /nobody here knows that guest/ })
})
