import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Secret } from '../../../contract/secret.ts'
import { hashPassword, readPublicKeys, requireUserName } from '../../../image-builder/debug-user.ts'
import { ImageRefusal } from '../../../image-builder/refusal.ts'
import { PRIVATE_KEY, PUBLIC_KEY, scratch, tool } from '../small-image.ts'

const folder = scratch(t.teardown)

t.test('names that useradd would not take are refused', async (t) => {
  for (const name of ['', 'Root', '1st', 'a b', 'a:b', 'a\nb', '../x', 'ü', 'x'.repeat(33), '-x']) t.throws(() => requireUserName(name), ImageRefusal, JSON.stringify(name))
  t.equal(requireUserName('db-admin_2'), 'db-admin_2')
})

t.test('a private key is recognised and not repeated', async (t) => {
  const file = join(folder, 'id_ed25519')
  writeFileSync(file, PRIVATE_KEY)
  const error = (await readPublicKeys(file).catch((error: unknown) => error)) as Error
  t.type(error, ImageRefusal)
  t.equal(error.message, `${file} is a private key; expected the public one, usually ${file}.pub`)
})

t.test('public keys are taken line by line, comments left out; anything else is refused', async (t) => {
  const file = join(folder, 'keys.pub')
  writeFileSync(file, `# mine\n\n${PUBLIC_KEY}\n`)
  t.same(await readPublicKeys(file), [PUBLIC_KEY])
  for (const text of ['', 'hello\n', `${PUBLIC_KEY}\ncommand="x" y\n`, 'ssh-dss AAAAB3NzaC1kc3MAAACBAKeYqLzqTq6nJkzQe8sH8T6bR\n']) {
    writeFileSync(file, text)
    await t.rejects(readPublicKeys(file), ImageRefusal)
  }
  await t.rejects(readPublicKeys(join(folder, 'none')), { message: /there is no such file/ })
})

t.test('a password becomes a SHA-512 crypt hash that openssl finds again with the same salt', async (t) => {
  const hash = await hashPassword(new Secret('correct horse'))
  t.equal(tool('openssl', ['passwd', '-6', '-salt', hash.split('$')[2]!, '-stdin'], 'correct horse\n').trim(), hash)
  await t.rejects(hashPassword(new Secret('')), ImageRefusal)
  await t.rejects(hashPassword(new Secret('a\nb')), ImageRefusal)
})
