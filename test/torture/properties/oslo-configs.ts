import assert from 'node:assert/strict'
import fc from 'fast-check'
import { OsloConfig, OsloConfigError } from '../../../contract/oslo-config.ts'
import { changedTexts, texts } from './inputs.ts'
import { law, valueOr, type Parser } from './law.ts'

const VALID = ['[DEFAULT]\ntransport_url = rabbit://u:p@h/\nlist = a,\n  b,\n  c\n\n# a comment\n[oslo_messaging_rabbit]\nssl: True\nname = "quoted"\n', '[a]\nb=c\n[A]\nd = e\n[DEFAULT]\n']
const WORDS = ['[', ']', '[DEFAULT]', '[default]', '=', ':', '\n', '\n\n', '\n  ', '\r', '\r\n', '#', ';', ' = ', '"', "'", '""', '\t', 'key', '\u00a0', '\ufeff', '\u0085']
const anyText = fc.oneof(changedTexts(VALID, WORDS), texts(WORDS))
const read = (text: string) => valueOr([OsloConfigError], () => OsloConfig.parse(text, 'a.conf'))

export const osloConfigs: Parser = {
  name: 'oslo.config files',
  laws: () => ({
    'any text is read, or refused with file and line and nothing of its own words': law(anyText, async (text) => {
      try {
        OsloConfig.parse(text, 'a.conf')
      } catch (error) {
        if (!(error instanceof OsloConfigError)) throw error
        assert.match(error.message, /^a\.conf:\d+: [\x20-\x7e]+$/)
      }
    }),
    'what is read is written line by line, and read as the same': law(anyText, async (text) => {
      const config = await read(text)
      if (config) assert.deepEqual(OsloConfig.parse(config.toString(), 'b.conf').options(), config.options())
    }),
    'what is set is read back, and nothing else has changed; what could not be read back is refused': law(fc.tuple(anyText, texts(WORDS), texts(WORDS), texts(WORDS)), async ([text, section, key, value]) => {
      const config = await read(text)
      if (!config) return
      const before = others(config, section, key)
      if ((await valueOr([OsloConfigError], () => (config.set(section, key, value), true))) === undefined) return
      const back = OsloConfig.parse(config.toString(), 'b.conf')
      assert.equal(back.get(section, key), value)
      assert.deepEqual(others(back, section, key), before)
    }),
    'what is dropped is gone, and nothing else': law(fc.tuple(anyText, texts(WORDS)), async ([text, comment]) => {
      const config = await read(text)
      const [first] = config?.options() ?? []
      if (!config || !first) return
      const before = others(config, first.section, first.key)
      config.drop(first.section, first.key, comment)
      const back = OsloConfig.parse(config.toString(), 'b.conf')
      assert.equal(back.get(first.section, first.key), undefined)
      assert.deepEqual(others(back, first.section, first.key), before)
    }),
  }),
}

function others(config: OsloConfig, section: string, key: string) {
  const same = (name: string) => name === section || (section !== 'DEFAULT' && name === section.toLowerCase())
  return config.options().filter((option) => !(same(option.section) && option.key === key))
}
