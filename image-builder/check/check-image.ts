import type { Tree } from '../tree.ts'
import type { Check, CheckFacts, Finding } from './finding.ts'
import { agentSudo } from './findings/agent-sudo.ts'
import { agentUnit } from './findings/agent-unit.ts'
import { ca } from './findings/ca.ts'
import { cloudInit } from './findings/cloud-init.ts'
import { cloudInitState } from './findings/cloud-init-state.ts'
import { databaseAccount } from './findings/database-account.ts'
import { datasources } from './findings/datasources.ts'
import { debugUser } from './findings/debug-user.ts'
import { diskSpace } from './findings/disk-space.ts'
import { hostKeys } from './findings/host-keys.ts'
import { injectedOwner } from './findings/injected-owner.ts'
import { machineId } from './findings/machine-id.ts'
import { openSecrets } from './findings/open-secrets.ts'
import { passwords } from './findings/passwords.ts'
import { privateKeys } from './findings/private-keys.ts'
import { python } from './findings/python.ts'
import { sideBySide } from './findings/side-by-side.ts'
import { token } from './findings/token.ts'
import { troveMarkers } from './findings/trove-markers.ts'
import { lookAt } from './look.ts'

/** All that can be known about a guest image without booting it. */
export const CHECKS: readonly Check[] = [
  injectedOwner, cloudInit, datasources, cloudInitState, troveMarkers, agentUnit, sideBySide, python, diskSpace, databaseAccount, agentSudo, ca, token,
  openSecrets, privateKeys, hostKeys, passwords, machineId, debugUser,
]

const LEVELS = ['error', 'warning', 'note']

/**
 * Looks for every defect in the list. Reads the image only, and never gives out a secret of it.
 *
 * @returns errors first; empty when there is nothing to object to
 * @throws ImageRefusal when the file system cannot be read
 */
export async function checkImage(tree: Tree, facts: CheckFacts): Promise<Finding[]> {
  const look = await lookAt(tree, facts)
  const found = await Promise.all(CHECKS.map((check) => check.find(look)))
  return found.flat().sort((one, other) => LEVELS.indexOf(one.level) - LEVELS.indexOf(other.level))
}
