import ssh2 from 'ssh2'
import t from 'tap'
import { sshKeyPair } from '../../lab/ssh-key-pair.ts'

t.test('each of a thousand pairs can be read back', async (t) => {
  const broken = Array.from({ length: 1000 }, sshKeyPair).filter((pair) => [pair.private, pair.public].some((key) => ssh2.utils.parseKey(key) instanceof Error))
  t.same(broken, [])
})
