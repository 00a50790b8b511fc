import { readText } from '../../tree.ts'
import type { Check, Finding } from '../finding.ts'
import type { Look } from '../look.ts'

/** What Nova offers: a config drive, its metadata service, and that one in Ec2's form. */
const NOVAS = ['ConfigDrive', 'OpenStack', 'Ec2']
const IDENTIFY = '/etc/cloud/ds-identify.cfg'
const MEND = "write datasource_list: [ConfigDrive, OpenStack, None] to /etc/cloud/cloud.cfg.d/99-datasource.cfg in the base image (diskimage-builder: DIB_CLOUD_INIT_DATASOURCES='ConfigDrive, OpenStack')"

/** cloud-init that never asks Nova finds neither user data nor Trove's files. */
export const datasources: Check = {
  id: 'B3',
  looksFor: 'cloud-init that asks no datasource of Nova',
  async find(look) {
    const { cloud, tree } = look
    const only = /^[ \t]*datasource:[ \t]*["']?([A-Za-z0-9]+)/m.exec((await readText(tree, IDENTIFY, 65_536)) ?? '')?.[1]
    return [
      ...(cloud.datasources && !usable(cloud.datasources) ? [finding(look, `cloud-init's datasource_list is [${cloud.datasources.join(', ').slice(0, 200)}]`, '/etc/cloud/cloud.cfg.d')] : []),
      ...(only !== undefined && !usable([only]) ? [finding(look, `${IDENTIFY} says datasource: ${only}, and cloud-init tries no other`, IDENTIFY)] : []),
    ]
  },
}

const usable = (names: readonly string[]): boolean => names.some((name) => NOVAS.includes(name))

function finding({ agent }: Look, said: string, path: string): Finding {
  const restored = agent === 'ours' ? '. The daemon restores Trove\'s files itself; network and host name are then the image\'s own matter' : ''
  return { id: 'B3', code: 'no-usable-datasource', level: agent === 'ours' ? 'warning' : 'error', what: `${said}; none of it is Nova's (${NOVAS.join(', ')})${restored}`, mend: MEND, path }
}
