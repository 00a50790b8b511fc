import { SOURCES, type Evidence, type Source } from './evidence.ts'

/**
 * Whether anybody who was asked knows the instance. One line for people where nobody does; undefined where somebody does, or where nobody could
 * be asked, which says nothing.
 */
export function unknownEverywhere(evidence: Evidence): string | undefined {
  const { instance, record, trove, nova, neutron, broker, console, guest } = evidence
  if (console !== undefined || guest !== undefined) return undefined
  const answers: Partial<Record<Source, boolean>> = {
    ...(record && { record: record.view !== undefined || record.refused.some((refusal) => refusal.instance === instance) }),
    ...(trove && { trove: trove.instance !== undefined }),
    ...(nova && { nova: nova.server !== undefined }),
    ...(neutron && { neutron: neutron.ports.length > 0 }),
    ...(broker && broker.fault === undefined && { broker: broker.queues[`guestagent.${instance}`]?.present === true }),
  }
  const asked = Object.keys(answers) as Source[]
  if (asked.length === 0 || Object.values(answers).includes(true)) return undefined
  const unasked = (['record', 'trove', 'broker'] as const).filter((source) => !asked.includes(source))
  const rest = unasked.map((source) => `${SOURCES[source]}${evidence.looked[source]?.why === undefined ? '' : ` (${evidence.looked[source]!.why})`}`)
  return `nobody knows an instance ${instance}: not ${asked.map((source) => SOURCES[source]).join(', ')}${rest.length === 0 ? '' : `; not asked: ${rest.join(', ')}`}`
}
