import t from 'tap'
import { inAWorld } from './in-a-world.ts'
import { opensAndCloses } from './opens-and-closes.ts'

t.test("with firewalld, a guest gets out and at the control plane's ports from apply until remove, which leaves no trace", (t) => opensAndCloses(t, 'firewalld'))

t.test('firewalld with changes that it has not kept is not reloaded', async (t) => {
  const world = await inAWorld(t, 'firewalld')
  t.match(await world.does('run', 'firewall-cmd', '--zone=public', '--add-port=99/tcp'), { exitCode: 0 })
  t.match(await world.does('trovestrap', 'firewall', 'apply'), { exitCode: 2, stderr: /would lose them\n {2}firewall-cmd --runtime-to-permanent/ })
  t.match(await world.does('run', 'firewall-cmd', '--zone=public', '--list-ports'), { stdout: '99/tcp\n' })
})
