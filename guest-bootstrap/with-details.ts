import { Fault } from '../contract/fault.ts'
import type { Details } from '../contract/report.ts'

/** The same fault with more of what varies; its own details come first, and a name that it has already stays as it is. */
export function withDetails(fault: Fault, more: Details): Fault {
  if (Object.keys(more).length === 0) return fault
  return new Fault(fault.code, { ...fault.details, ...more, ...fault.details }, fault.explanation, { cause: fault.cause, wait: fault.wait })
}
