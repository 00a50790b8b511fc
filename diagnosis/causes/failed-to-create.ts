import type { Proof } from '../cause.ts'
import { type Facts, proofOf } from '../facts.ts'

/** Why Trove gave the instance up, in the words of whoever said so: instance_faults, the taskmanager's log, Nova; the first that matches. */
export function gaveUp(facts: Facts, pattern: RegExp = /./): Proof | undefined {
  const { nova, instance } = facts.evidence
  const fault = facts.lines('trove-fault').find(({ text }) => pattern.test(text))
  if (fault) return proofOf(fault)
  const line = facts.line(new RegExp(`Failed to create instance ${instance}`), 'taskmanager')
  if (line && pattern.test(line.text)) return proofOf(line)
  const server = nova?.server
  if (server?.fault && pattern.test(server.fault.message)) {
    return { source: 'nova', where: `Nova, server ${server.id}`, text: `${server.status}: ${server.fault.message}` }
  }
  return undefined
}

export const QUOTA = /[Qq]uota/
/** Flavour, image and store do not fit one another: Nova's, Glance's and Swift's words. */
export const TOO_LARGE = /(?:[Dd]isk|[Mm]emory) is too small for requested image|Request Entity Too Large|exceeds? the (?:maximum|size|limit)|larger than the (?:flavor|maximum)|FlavorDiskTooSmall|FlavorMemoryTooSmall|ImageSizeLimitExceeded/
