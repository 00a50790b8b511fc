import t from 'tap'
import { address, ROUTES } from '../../../contract/routes.ts'
import { credentialOf, hostOf, ONE } from '../host-of.ts'

const JSON_TYPE = 'application/vnd.pypi.simple.v1+json'

t.test('the index speaks HTML to an old pip and JSON to a new one', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const ask = (url: string, accept?: string) => host.ask('GET', url, credentialOf(ONE), accept === undefined ? {} : { headers: { accept } })
  const html = await ask(ROUTES.simple)
  t.match([html.headers['content-type'], html.body], ['text/html; charset=utf-8', /<a href="tool\/">tool<\/a>/])
  t.match(html.headers, { vary: 'accept' })
  const json = await ask(ROUTES.simple, `${JSON_TYPE}, text/html;q=0.1`)
  t.match([json.headers['content-type'], json.json()], [JSON_TYPE, { projects: [{ name: 'tool' }] }])
  t.equal((await ask(ROUTES.simple, 'image/png')).statusCode, 406)
})

t.test('a project is found under any spelling of its name, and its files under theirs', async (t) => {
  const host = await hostOf(t)
  host.enrol(ONE)
  const ask = (url: string, headers = {}) => host.ask('GET', url, credentialOf(ONE), { headers: { accept: JSON_TYPE, ...headers } })
  const project = await ask(address(ROUTES.simpleProject, 'Tool'))
  const [file] = project.json().files as { url: string; hashes: { sha256: string } }[]
  const url = new URL(file!.url, `https://host${address(ROUTES.simpleProject, 'tool')}`).pathname
  const wheel = await ask(url)
  t.same([wheel.statusCode, wheel.body, wheel.headers['etag']], [200, 'an sdist', `"${file!.hashes.sha256}"`])
  const etag = project.headers['etag'] as string
  t.equal((await ask(address(ROUTES.simpleProject, 'tool'), { 'if-none-match': etag })).statusCode, 304)
  t.equal((await ask(address(ROUTES.simpleProject, 'other'))).statusCode, 404)
  t.equal((await ask(address(ROUTES.wheel, 'other.whl'))).statusCode, 404)
})
