import type { Cause } from '../cause.ts'
import { moduleMissing } from './module-missing.ts'
import { indexUnreachable, requirementConflict, wheelNotBuilt } from './pip-failed.ts'
import { pythonManaged } from './python-managed.ts'

/** E: what the agent's Python lacks. */
export const requirements: readonly Cause[] = [indexUnreachable, requirementConflict, wheelNotBuilt, moduleMissing, pythonManaged]
