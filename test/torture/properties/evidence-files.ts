import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { diagnose } from '../../../diagnosis/diagnose.ts'
import { explain } from '../../../diagnosis/explain.ts'
import { EvidenceFileError, readEvidence } from '../../../diagnosis/read-evidence.ts'
import { changedJsonText, texts } from './inputs.ts'
import { law, plain, valueOr, type Parser } from './law.ts'

const RECORDINGS = ['no-address', 'login-refused', 'kernel-panic', 'prepare-lost'].map((name) => shortened(JSON.parse(readFileSync(new URL(`../../diagnosis/recordings/${name}.json`, import.meta.url), 'utf8'))))

export const evidenceFiles: Parser = {
  name: 'evidence files',
  laws(held) {
    const folder = mkdtempSync(join(tmpdir(), 'evidence-'))
    held.defer(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'evidence.json')
    return {
      'any file is evidence that can be judged and shown, or refused; nothing of it speaks to a terminal': law(fc.oneof({ weight: 9, arbitrary: changedJsonText(RECORDINGS) }, { weight: 1, arbitrary: texts() }), async (text) => {
        writeFileSync(file, text)
        const evidence = await valueOr([EvidenceFileError], () => readEvidence(file))
        if (!evidence) return
        const diagnosis = diagnose(evidence)
        assert.deepEqual(diagnosis.broken, [])
        plain(explain(diagnosis, { width: 100, now: new Date('2026-11-25T12:00:00Z'), color: false }))
      }),
    }
  },
}

/** The end of each list: what is in the middle of a long log is as good as another line. */
function shortened(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(-6).map(shortened)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shortened(inner)]))
}
