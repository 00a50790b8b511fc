import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { loadSettings, SettingsError } from '../../../host-server/settings.ts'
import { newSettingsFile } from '../../../host-server/settings/new-file.ts'
import { parseDuration } from '../../../host-server/settings/duration.ts'
import { CloudError } from '../../../openstack/cloud-error.ts'
import { findCloud } from '../../../openstack/settings/find-cloud.ts'
import { changedJson, changedTexts, texts } from './inputs.ts'
import { law, valueOr, type Parser } from './law.ts'

const SETTINGS = {
  listen: { address: '0.0.0.0', port: 15555 }, names: ['controller', '10.0.2.2'], state: '/var/lib/trovestrap', source: { path: 'tree', exclude: ['.*'], git_ignored: false, version: '18.0.0' },
  guest_config: { path: 'agent.conf', overrides: { DEFAULT: { transport_url: 'rabbit://u:c4n4ry@h/', workers: 2 } }, service_credentials: false }, python: { requirements: ['passlib'] }, lifetimes: { token: '30d' }, log: { level: 'info' },
}
const CLOUDS = { clouds: { lab: { auth: { auth_url: 'http://k/v3', username: 'u', password: 'c4n4ry', project_name: 'p', user_domain_id: 'default' }, region_name: 'one', interface: 'internal', verify: false } } }
const YAML = [newSettingsFile({ names: ['controller'], state: '/var/lib/trovestrap' }), stringify(SETTINGS)]
const WORDS = ['{', '}', '[', ']', ': ', '- ', '\n', '\n  ', '&a ', '*a', '!!binary ', '!!', '? ', '| ', '> ', '%', '---\n', '<<: ', '#', '{'.repeat(2000), '- '.repeat(2000)]
/** JSON is YAML. */
const written = (valid: unknown) => changedJson([valid]).map((value) => JSON.stringify(value, null, 1))

export const settings: Parser = {
  name: 'settings and clouds.yaml',
  laws(held) {
    const folder = mkdtempSync(join(tmpdir(), 'settings-'))
    held.defer(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'config.yaml')
    return {
      'any configuration is read whole, or each fault of it is named': law(fc.oneof(written(SETTINGS), changedTexts(YAML, WORDS), texts(WORDS)), async (text) => {
        writeFileSync(file, text)
        await valueOr([SettingsError], () => loadSettings(file, { paths: true }))
      }),
      'any clouds.yaml names a cloud, none, or is refused; no refusal has a password in it': law(fc.oneof(written(CLOUDS), changedTexts([stringify(CLOUDS)], WORDS), texts(WORDS)), async (text) => {
        writeFileSync(join(folder, 'clouds.yaml'), text)
        try {
          await valueOr([CloudError], () => findCloud(undefined, { env: {}, cwd: folder, home: folder }))
          await valueOr([CloudError], () => findCloud('lab', { env: {}, cwd: folder, home: folder }))
        } catch (error) {
          assert.ok(!String(error).includes('c4n4ry'))
          throw error
        }
      }),
      'any duration is seconds or none': law(fc.oneof(changedTexts(['30d', '12h', '1s']), texts(['30d'])), (text) => {
        const seconds = parseDuration(text)
        assert.ok(seconds === undefined || (Number.isSafeInteger(seconds) && seconds > 0 && seconds <= 3650 * 86_400))
      }),
    }
  },
}
