import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseCredential } from '../../../contract/credential.ts'
import { open, seal } from '../../../contract/envelope.ts'
import { initialise } from '../../../host-server/pki/initialise.ts'
import { publicSigningKey } from '../../../host-server/pki/signing-key.ts'
import { SetupError } from '../../../host-server/setup-error.ts'
import { stateFolder } from '../../../host-server/state-folder.ts'
import { openStore } from '../../../host-server/store/open-store.ts'
import { settingsOf } from '../settings-of.ts'

/** Every path below a folder with mode, mtime in ns and content. */
function everything(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => {
      const path = join(entry.parentPath, entry.name)
      const { mode, mtimeNs } = statSync(path, { bigint: true })
      return [path.slice(folder.length), `${mode.toString(8)} ${mtimeNs} ${entry.isFile() ? readFileSync(path, 'base64') : ''}`]
    }),
  )
}

t.test('init makes the state folder, readable by its owner alone', async (t) => {
  const settings = settingsOf(t.testdir({}))
  const { made, token, unnamed } = await initialise(settings)
  t.same(unnamed, [])
  t.same(
    made.map(({ path }) => path.slice(settings.state.length)),
    ['', '/pki', '/content', '/pki/ca.pem', '/pki/server.pem', '/pki/signing-key.pem', '/operator.token', '/trovestrap.sqlite'],
  )
  const modes = Object.fromEntries(Object.entries(everything(settings.state)).map(([path, text]) => [path, text.slice(0, text.indexOf(' '))]))
  t.same(modes, {
    '/pki': '40700',
    '/content': '40700',
    '/pki/ca.pem': '100644',
    '/pki/ca-key.pem': '100600',
    '/pki/server.pem': '100600',
    '/pki/signing-key.pem': '100600',
    '/operator.token': '100600',
    '/trovestrap.sqlite': '100600',
  })
  const credential = parseCredential(token!.reveal())
  t.equal(credential?.kind, 'bootstrap')
  const store = openStore(stateFolder(settings.state).database)
  t.teardown(() => store.close())
  t.ok(credential?.kind === 'bootstrap' && store.tokens.opens(credential.id, credential.secret, new Date()))
  t.equal(parseCredential(readFileSync(stateFolder(settings.state).operatorToken, 'utf8').trim())?.kind, 'operator')
})

t.test('init a second time changes no byte and no mtime', async (t) => {
  const settings = settingsOf(t.testdir({}))
  await initialise(settings)
  const before = everything(settings.state)
  const { made, token } = await initialise(settings)
  t.same(everything(settings.state), before)
  t.same(made, [])
  t.equal(token, undefined)
})

t.test('what is missing is made again, the rest stays', async (t) => {
  const settings = settingsOf(t.testdir({}))
  await initialise(settings)
  const { operatorToken, ca } = stateFolder(settings.state)
  const before = readFileSync(ca)
  rmSync(operatorToken)
  t.same((await initialise(settings)).made.map(({ path }) => path), [operatorToken])
  t.same(readFileSync(ca), before)
})

t.test('--renew makes a new server certificate and touches nothing else', async (t) => {
  const settings = settingsOf(t.testdir({}))
  await initialise(settings)
  const before = everything(settings.state)
  await initialise(settings, { renew: true })
  const after = everything(settings.state)
  t.not(after['/pki/server.pem'], before['/pki/server.pem'])
  // The folder's own mtime changes with the rename in it.
  for (const changed of ['/pki/server.pem', '/pki']) delete after[changed], delete before[changed]
  t.same(after, before)
})

t.test('a name that came later is told until the certificate is renewed', async (t) => {
  const folder = t.testdir({})
  await initialise(settingsOf(folder))
  const grown = settingsOf(folder, { names: ['controller', 'other.example', '192.0.2.7', '2001:db8::7'] })
  t.same((await initialise(grown)).unnamed, ['other.example', '192.0.2.7', '2001:db8::7'])
  t.same((await initialise(grown, { renew: true })).unnamed, [])
})

t.test("OpenSSL and Python's strict check accept the certificate for every name, and only for those", async (t) => {
  const settings = settingsOf(t.testdir({}))
  await initialise(settings)
  const { ca, server } = stateFolder(settings.state)
  const check = (...name: string[]) =>
    execFileSync('openssl', ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', ca, ...name, server], { encoding: 'utf8', stdio: 'pipe' })
  t.match(check('-verify_hostname', 'controller'), /: OK$/m)
  t.match(check('-verify_hostname', 'localhost'), /: OK$/m)
  t.match(check('-verify_ip', '10.0.2.2'), /: OK$/m)
  t.match(check('-verify_ip', '127.0.0.1'), /: OK$/m)
  t.throws(() => check('-verify_hostname', 'elsewhere'))
  const certificate = new X509Certificate(readFileSync(server))
  const days = (certificate.validToDate.getTime() - Date.now()) / 86_400_000
  t.ok(days > 0.9 && days <= 1, 'ends after lifetimes.certificate')
})

t.test("the signing key's seal opens with its public half and with no other", async (t) => {
  const settings = settingsOf(t.testdir({}))
  await initialise(settings)
  const pem = readFileSync(stateFolder(settings.state).signingKey, 'utf8')
  const key = publicSigningKey(pem)
  const envelope = seal(Buffer.from('payload'), pem, key.id)
  t.same(open(envelope, [key]), Buffer.from('payload'))
  t.equal(open({ ...envelope, payload: Buffer.from('other').toString('base64') }, [key]), undefined)
})

t.test('a state folder that cannot be made is told in one line', async (t) => {
  const folder = t.testdir({ file: '' })
  await t.rejects(initialise(settingsOf(folder, { state: join(folder, 'file/state') })), {
    name: 'SetupError',
    message: /^\S+ is not writable by user \S+: not a directory$/,
  })
})

t.test('a damaged database is told in one line and left as it is', async (t) => {
  const folder = t.testdir({})
  const file = join(folder, 'db')
  writeFileSync(file, 'this is not a database at all, but a text of some length '.repeat(40))
  t.throws(() => openStore(file), SetupError)
  t.match(readFileSync(file, 'utf8'), /^this is not/)
})
