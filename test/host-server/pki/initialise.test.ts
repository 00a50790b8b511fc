import { execFileSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chownSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parseCredential } from '../../../contract/credential.ts'
import { open, seal } from '../../../contract/envelope.ts'
import { initialise, type Renewal } from '../../../host-server/pki/initialise.ts'
import { readIdentity } from '../../../host-server/pki/read-identity.ts'
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

const onlyThat: { option: keyof Renewal; path: string }[] = [
  { option: 'newSigningKey', path: '/pki/signing-key.pem' },
  { option: 'newOperatorToken', path: '/operator.token' },
]
for (const { option, path } of onlyThat) {
  t.test(`${option} replaces ${path}, for its owner alone, and touches nothing else`, async (t) => {
    const settings = settingsOf(t.testdir({}))
    await initialise(settings)
    const before = everything(settings.state)
    const { made, replaced } = await initialise(settings, { [option]: true })
    t.same([made.map((one) => one.path), replaced], [[`${settings.state}${path}`], [option]])
    const after = everything(settings.state)
    t.not(after[path], before[path])
    t.match(after[path], /^100600 /)
    for (const changed of [path, '/pki']) delete after[changed], delete before[changed]
    t.same(after, before)
  })
}

t.test('newCa replaces CA and server certificate together; what the old CA signed is not trusted by the new one', async (t) => {
  const settings = settingsOf(t.testdir({}))
  await initialise(settings)
  const { ca, server, pki, signingKey, operatorToken } = stateFolder(settings.state)
  const old = readFileSync(server)
  const kept = [signingKey, operatorToken].map((path) => readFileSync(path, 'utf8'))
  const { made, replaced } = await initialise(settings, { newCa: true, renew: true })
  t.same([made.map(({ path }) => path), replaced], [[ca, server], ['newCa']])
  t.same(readdirSync(pki).sort(), ['ca-key.pem', 'ca.pem', 'server.pem', 'signing-key.pem'])
  fits(t, settings.state)
  t.not(new X509Certificate(old).verify(new X509Certificate(readFileSync(ca)).publicKey), true)
  t.same([signingKey, operatorToken].map((path) => readFileSync(path, 'utf8')), kept)
})

t.test('where nothing was there, nothing was replaced', async (t) => {
  const settings = settingsOf(t.testdir({}))
  t.same((await initialise(settings, { renew: true, newCa: true, newSigningKey: true, newOperatorToken: true })).replaced, [])
})

t.test('a change of the CA that was interrupted is finished by the next init, and no serve begins before', async (t) => {
  const folder = t.testdir({})
  const settings = settingsOf(folder)
  await initialise(settings)
  const state = stateFolder(settings.state)
  const other = settingsOf(folder, { state: join(folder, 'other') })
  await initialise(other)
  // As a kill leaves it: all is made, and one of three is in its place.
  mkdirSync(join(state.pki, 'replacing'))
  for (const name of ['ca.pem', 'server.pem']) cpSync(join(stateFolder(other.state).pki, name), join(state.pki, 'replacing', name))
  cpSync(stateFolder(other.state).caKey, state.caKey)
  writeFileSync(join(state.pki, 'server.pem.0123.tmp'), 'a key that was about to be written')
  t.throws(() => readIdentity(state, new Date()), { name: 'SetupError', message: 'a change of the CA was interrupted; type: trovestrap init' })
  t.same((await initialise(settings)).made.map(({ path }) => path), [state.ca, state.server])
  fits(t, settings.state)
  t.same(readdirSync(state.pki).sort(), ['ca-key.pem', 'ca.pem', 'server.pem', 'signing-key.pem'], 'nothing is left lying about')
  readIdentity(state, new Date())
})

t.test('what root writes into a folder of another user belongs to that user', async (t) => {
  const settings = settingsOf(t.testdir({}))
  await initialise(settings)
  const { pki, server } = stateFolder(settings.state)
  if (process.getuid!() === 0) chownSync(pki, 4711, 4712)
  await initialise(settings, { renew: true })
  const [folder, file] = [statSync(pki), statSync(server)]
  t.same([file.uid, file.gid], [folder.uid, folder.gid])
})

t.test('without the key of the CA nothing can be signed, and that is said', async (t) => {
  const settings = settingsOf(t.testdir({}))
  await initialise(settings)
  rmSync(stateFolder(settings.state).caKey)
  await t.rejects(initialise(settings, { renew: true }), { name: 'SetupError', message: /ca-key\.pem is missing.*trovestrap init --new-ca$/ })
})

/** Key and certificates belong together: the CA's, the server's, and one to the other. */
function fits(t: Test, root: string): void {
  const state = stateFolder(root)
  const [ca, server] = [state.ca, state.server].map((path) => new X509Certificate(readFileSync(path))) as [X509Certificate, X509Certificate]
  t.ok(ca.checkPrivateKey(createPrivateKey(readFileSync(state.caKey))), "the CA's key is its certificate's")
  t.ok(server.checkPrivateKey(createPrivateKey(readFileSync(state.server))), "the server's key is its certificate's")
  t.ok(server.verify(ca.publicKey) && server.checkIssued(ca), 'the CA has signed the server certificate')
}

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
