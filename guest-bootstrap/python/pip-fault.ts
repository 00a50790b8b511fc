import { Fault } from '../../contract/fault.ts'
import { scrub } from '../../contract/scrub.ts'

/** What pip's output means. Its last ERROR line is what people look for. */
export function pipFault(output: string, python: string): Fault {
  const text = scrub(output)
  const errors = text.split('\n').filter((line) => line.startsWith('ERROR:')).map((line) => line.slice(6).trim())
  if (/No module named pip/.test(text)) return new Fault('PIP_MISSING', { python }, 'apt-get install python3-pip in the image')
  if (/externally-managed-environment/.test(text)) return new Fault('PYTHON_MANAGED', { python }, 'apt-get install python3-venv in the image')
  const lacking = /No matching distribution found for (.+)/.exec(text)?.[1]?.trim().replace(/ \(from .*$/, '')
  if (lacking !== undefined) {
    const offered = /\(from versions: ([^)]*)\)/.exec(text)?.[1] ?? 'none'
    const python = /that require a different python version: ([^\n]*)/.exec(text)?.[1]
    const more = python === undefined ? '' : `; not for this Python: ${python}`
    return new Fault('REQUIREMENT_NOT_FOUND', { requirement: lacking.slice(0, 200) }, `${lacking} (offered: ${offered}${more}); put its wheel into python.wheels on the host`)
  }
  if (/requires a different Python/.test(text)) return new Fault('PYTHON_TOO_OLD', { python }, errors.at(-1))
  return new Fault('PIP_FAILED', { python }, (errors.at(-1) ?? text.trim().split('\n').at(-1) ?? '').slice(0, 500))
}
