import { type Facts, proofOf } from '../facts.ts'
import type { Proof } from '../cause.ts'

/** A row of cloud-init's table: `ci-info: | ens3 | True | 10.0.2.15 | 255.255.255.0 | global | 52:54:… |`. */
const ROW = /ci-info: \|\s*([^\s|]+)\s*\|\s*(?:True|False)\s*\|\s*([^\s|]+)\s*\|/
const HEAD = /ci-info: \++Net device info\++/

/** Whether the guest has an address by which it could reach anybody; undefined where nobody has looked. */
export function hasAddress(facts: Facts): boolean | undefined {
  const { guest } = facts.evidence
  if (facts.failing?.code === 'NO_ADDRESS') return false
  if (facts.said.some(({ stage, state, code }) => (stage === 'network' && state === 'done') || /^(HOST_|NO_ROUTE|CLOCK)/.test(code ?? ''))) return true
  if (guest && guest.addresses.length > 0) return guest.addresses.some(({ interface: name, address }) => isUsable(name, address))
  const rows = tableOnConsole(facts)
  return rows.length === 0 ? undefined : rows.some(({ name, address }) => isUsable(name, address))
}

/** The rows of the newest table on the console. */
export function tableOnConsole(facts: Facts): { name: string; address: string; proof: Proof }[] {
  const lines = facts.lines('console')
  return lines.slice(lines.findLastIndex(({ text }) => HEAD.test(text)) + 1).flatMap((line) => {
    const [, name, address] = ROW.exec(line.text) ?? []
    return name === undefined || name === 'Device' ? [] : [{ name, address: address!, proof: proofOf(line) }]
  })
}

/** A bridge of the container engine leads nowhere, and a link-local address no further than the next switch. */
function isUsable(name: string, address: string): boolean {
  return !/^(lo|docker\d*|br-|veth)/.test(name) && !/^(\.|127\.|169\.254\.|::1|fe80:)/i.test(address)
}
