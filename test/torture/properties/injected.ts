import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { INSTANCE_ID } from '../../../contract/credential.ts'
import { Fault } from '../../../contract/fault.ts'
import { OsloConfigError } from '../../../contract/oslo-config.ts'
import { GUEST } from '../../../contract/paths.ts'
import { controllerUrls } from '../../../guest-bootstrap/injected/controller-conf.ts'
import { guestIdOf, injectedIn, tokenFromCloudInit, tokenIn, tokenToBeWritten, urlsFromCloudInit } from '../../../guest-bootstrap/injected/instance-data.ts'
import { injectedFiles } from '../../../guest-bootstrap/injected/user-data.ts'
import { MEMORY, recall } from '../../../guest-bootstrap/memory.ts'
import { identify } from '../../../guest-bootstrap/stages/identify.ts'
import type { Files, System } from '../../../guest-bootstrap/system.ts'
import { userData } from '../../../lab/user-data.ts'
import { changedBytes, changedJsonText, changedTexts, texts } from './inputs.ts'
import { law, valueOr, type Parser } from './law.ts'

const INSTANCE = '5b2d1f3e-0000-4000-8000-0000000000aa'
const INFO = `[DEFAULT]\nguest_id = ${INSTANCE}\ndatastore_manager = mysql\n`
const META = { uuid: 'x', meta: { trove_instance_id: INSTANCE, trovestrap_url: 'https://10.0.0.9:15555', trovestrap_token: 'abcdef.0123456789abcdef' } }
const CONFIG = { format: 1, urls: ['https://10.0.2.2:15555'], token: 'abcdef.0123456789abcdef', agent: { user: 'trove' } }
const CLOUD_CONFIG = userData([{ path: GUEST.guestInfo[0], content: INFO }, { path: GUEST.token, content: 'abcdef.0123456789abcdef' }])
const BOMB = gzipSync(Buffer.alloc(8 * 2 ** 20))
const USER_DATA = [
  CLOUD_CONFIG,
  gzipSync(CLOUD_CONFIG),
  `#!/bin/sh\necho\n${CLOUD_CONFIG}`,
  `--===1\nContent-Type: text/cloud-config\n\n${CLOUD_CONFIG}\n--===1--\n`,
  BOMB,
  `#cloud-config\nwrite_files:\n${`- {path: /bomb, encoding: gz+b64, content: ${BOMB.toString('base64')}}\n`.repeat(3)}`,
  '#cloud-config\na: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nwrite_files: [*c, {path: /a, content: &d x}, {path: *d, content: *d}]\n',
].map((text) => Buffer.from(text))
/** What all files of a user data may take. */
const MOST = 4 * 2 ** 20

const CONTROLLER = ['CONTROLLER=10.0.2.2\nTROVESTRAP_URL="https://host.example:8443/"\n', 'CONTROLLER=fd00::1\n', 'CONTROLLER=::::\n']
const WORDS = ['CONTROLLER=', 'TROVESTRAP_URL=', 'https://', ':15555', '[', ']', '\n', ',', '"', '::', '//', '@']
const anyController = fc.oneof(changedTexts(CONTROLLER, WORDS), texts(WORDS))
const anyMeta = fc.oneof(changedJsonText([META]), texts()).map((text) => Buffer.from(text))
const anyUserData = changedBytes(USER_DATA)

export const injected: Parser = {
  name: 'instance data',
  laws: () => ({
    'any metadata names an instance or none, and words for the rest': law(fc.tuple(anyMeta, anyUserData), async ([metaData, userData]) => {
      const data = { from: 'config drive', metaData, userData } as const
      const { instance, urls } = await injectedIn(data)
      assert.ok(instance === undefined || INSTANCE_ID.test(instance))
      assert.ok(urls.every((url) => typeof url === 'string'))
      assert.ok(['string', 'undefined'].includes(typeof tokenIn(data)))
      assert.ok(['string', 'undefined'].includes(typeof (await tokenToBeWritten(data))))
    }),
    'the files of any user data take no more than they may': law(anyUserData, async (bytes) => {
      const files = await injectedFiles(bytes)
      assert.ok(files.reduce((sum, { content }) => sum + content.length, 0) <= MOST)
    }),
    'any controller.conf and what cloud-init has kept are lists of words': law(fc.tuple(anyController, anyMeta), ([text, kept]) => {
      const files = inMemory({ [GUEST.controllerConf]: text, '/run/cloud-init/instance-data.json': kept.toString() })
      for (const url of [...controllerUrls(files), ...(urlsFromCloudInit(files) ?? [])]) assert.equal(typeof url, 'string')
      tokenFromCloudInit(files)
    }),
    'any guest_info names an instance, none, or is refused': law(fc.oneof(changedTexts([INFO], ['guest_id', '=', '\n']), texts(['[DEFAULT]\n', 'guest_id='])), async (text) => {
      const instance = await valueOr([OsloConfigError], () => guestIdOf(text, 'guest_info.conf'))
      assert.ok(instance === undefined || INSTANCE_ID.test(instance))
    }),
    'whatever is injected, what a guest goes to is an address': law(fc.tuple(anyController, anyMeta, changedJsonText([CONFIG])), async ([controller, meta, config]) => {
      const files = inMemory({ [GUEST.controllerConf]: controller, '/run/cloud-init/instance-data.json': meta.toString(), [GUEST.config]: config, [GUEST.guestInfo[0]]: INFO })
      if ((await valueOr([Fault], () => identify.run({ files } as unknown as System))) === undefined) return
      for (const url of recall(files, MEMORY.identity)!.urls) assert.equal(new URL(url).protocol, 'https:')
    }),
  }),
}

/** Files by their paths. */
function inMemory(texts: Readonly<Record<string, string>>): Files {
  const files = new Map(Object.entries(texts))
  return {
    text: (path: string) => files.get(path),
    stat: () => undefined,
    write: (path: string, content: string) => void files.set(path, content),
  } as unknown as Files
}
