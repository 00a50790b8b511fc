import { Fault } from '../../contract/fault.ts'
import { scrub } from '../../contract/scrub.ts'
import { diskFault } from './disk-fault.ts'

/** urllib3's and Python's names for an index that was not reached. */
const UNREACHED = /(?:NewConnectionError|ConnectTimeoutError|ReadTimeoutError|MaxRetryError|ProxyError|SSLError|Max retries exceeded|Temporary failure in name resolution)/
const WHY_UNREACHED = /Temporary failure in name resolution|Name or service not known|Connection refused|No route to host|Network is unreachable|Connection reset by peer|timed out|certificate verify failed[^()'"\n]*|Cannot connect to proxy/

/** What pip's output means, with the line of it that people look for. @param secrets that it may have been told */
export function pipFault(output: string, python: string, secrets: readonly string[] = []): Fault {
  const text = scrub(output, secrets)
  const errors = text.split('\n').filter((line) => line.startsWith('ERROR:')).map((line) => line.slice(6).trim())
  if (/No module named pip/.test(text)) return new Fault('PIP_MISSING', { python }, 'apt-get install python3-pip in the image')
  if (/externally-managed-environment/.test(text)) return new Fault('PYTHON_MANAGED', { python }, 'apt-get install python3-venv in the image')
  return diskFault(text) ?? conflict(text) ?? unreachable(text) ?? notBuilt(text) ?? notFound(text) ?? other(text, errors, python)
}

/** The resolver's reasons stand in an indented block. */
function conflict(text: string): Fault | undefined {
  if (!/ResolutionImpossible|have conflicting dependencies/.test(text)) return undefined
  const reasons = (/The conflict is caused by:\n((?:[ \t]+\S.*\n?)+)/.exec(text)?.[1] ?? '').split('\n').map((line) => line.trim()).filter((line) => line !== '')
  const why = reasons.slice(0, 4).join('; ') || (/Cannot install (.*)/.exec(text)?.[1] ?? 'pip does not say which').trim()
  const constraint = /\(constraint\) (\S+)/.exec(text)?.[1]
  return new Fault('REQUIREMENT_CONFLICT', constraint === undefined ? {} : { constraint: constraint.slice(0, 200) }, `${shortened(why)}; serve the upper-constraints of this Trove's branch`)
}

/** A try that failed and went well later also leaves these words, so it has to have ended in nothing offered. */
function unreachable(text: string): Fault | undefined {
  if (!UNREACHED.test(text)) return undefined
  if (/No matching distribution found/.test(text) ? !/from versions: none/.test(text) : !/Max retries exceeded|ReadTimeoutError/.test(text)) return undefined
  const why = WHY_UNREACHED.exec(text)?.[0] ?? 'no connection'
  const [, host, port] = /host='([^']+)', port=(\d+)/.exec(text) ?? []
  return new Fault('INDEX_UNREACHABLE', host === undefined ? {} : { host, port: Number(port) }, `${host === undefined ? '' : `${host}:${port}: `}${why.trim()}`)
}

/** The compiler's own words tell most, then the command that failed, then pip's. */
function notBuilt(text: string): Fault | undefined {
  const package_ = /Failed building wheel for (\S+)/.exec(text)?.[1] ?? /Failed to build (?:installable wheels for .*\()?([\w.-]+)/.exec(text)?.[1]
  const lines = [/(\S*: )?fatal error: .*/, /error: command .* failed.*/, /unable to execute .*/, /Failed building wheel for .*/, /Failed to build .*/]
  const telling = lines.map((line) => line.exec(text)?.[0]).find((line) => line !== undefined)
  if (telling === undefined) return undefined
  return new Fault('WHEEL_NOT_BUILT', package_ === undefined ? {} : { requirement: package_.slice(0, 200) }, `${package_ ?? 'a package'}: ${shortened(telling)}; put its wheel into python.wheels on the host`)
}

function notFound(text: string): Fault | undefined {
  const lacking = /No matching distribution found for (.+)/.exec(text)?.[1]?.trim().replace(/ \(from .*$/, '')
  if (lacking === undefined) return undefined
  const offered = /\(from versions: ([^)]*)\)/.exec(text)?.[1] ?? 'none'
  const python = /that require a different python version: ([^\n]*)/.exec(text)?.[1]
  const more = python === undefined ? '' : `; not for this Python: ${python}`
  return new Fault('REQUIREMENT_NOT_FOUND', { requirement: lacking.slice(0, 200) }, `${lacking} (offered: ${offered}${more}); put its wheel into python.wheels on the host`)
}

function other(text: string, errors: readonly string[], python: string): Fault {
  if (/requires a different Python/.test(text)) return new Fault('PYTHON_TOO_OLD', { python }, errors.at(-1))
  return new Fault('PIP_FAILED', { python }, shortened(errors.at(-1) ?? text.trim().split('\n').at(-1) ?? ''))
}

const shortened = (words: string): string => words.trim().slice(0, 500)
