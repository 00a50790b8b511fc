import type { Proof } from '../cause.ts'
import type { Facts } from '../facts.ts'

interface ServedFinding {
  readonly message: string
  readonly mend: string
  readonly proof: Proof
}

/**
 * What host-server's own check says of the guests' configuration: errors alone, for those keep every guest from becoming healthy and
 * host-server from serving. Nothing for an instance that Trove calls healthy: it has an older configuration, and lives.
 */
export function servedFinding(facts: Facts, option: string, message: RegExp = /./): ServedFinding | undefined {
  const config = facts.evidence.machine?.guest_config
  if (config === undefined || facts.healthy === true) return undefined
  const finding = config.findings.find((one) => one.level === 'error' && one.option === option && message.test(one.message))
  return finding && { message: finding.message, mend: finding.mend, proof: { source: 'machine', where: config.file.path, text: `${finding.option}: ${finding.message}` } }
}

/** The same of an older Trovestrap's words, where only what `trovestrap serve` said is known. */
export function serveSaid(facts: Facts, pattern: RegExp): Proof | undefined {
  if (facts.healthy === true) return undefined
  const fault = facts.evidence.machine?.host_server.faults.find(({ part, message }) => part === 'guest_config' && pattern.test(message))
  return fault && { source: 'machine', where: 'trovestrap serve', text: `${fault.part}: ${fault.message}` }
}
