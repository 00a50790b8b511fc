import { readText } from '../../tree.ts'
import { SYSPREP, type Check } from '../finding.ts'

const FILE = '/etc/machine-id'

/** DHCP servers and the journal tell machines apart by it. */
export const machineId: Check = {
  id: '-',
  looksFor: 'a machine-id that all guests would share',
  async find({ tree }) {
    const id = (await readText(tree, FILE, 100))?.trim() ?? ''
    if (id === '' || id === 'uninitialized') return []
    return [{ id: '-', code: 'machine-id', level: 'warning', what: `${FILE} is filled (${id.slice(0, 8).replace(/[^0-9a-f]/g, '?')}…): all guests would have the same, and some DHCP servers give them one address`, mend: SYSPREP, path: FILE }]
  },
}
