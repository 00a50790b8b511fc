import { realPath } from '../../tree.ts'
import { SYSPREP, type Check } from '../finding.ts'

export const hostKeys: Check = {
  id: '-',
  looksFor: 'SSH host keys that all guests would share',
  async find({ tree }) {
    const folder = await realPath(tree, '/etc/ssh')
    const keys = folder === undefined ? [] : (await tree.list(folder)).filter((name) => /^ssh_host_\w+_key$/.test(name)).map((name) => `/etc/ssh/${name}`)
    if (keys.length === 0) return []
    return [{ id: '-', code: 'ssh-host-keys', level: 'warning', what: `${keys.join(', ')} in the image: all its guests would have the same host keys, and everybody who has the image too`, mend: SYSPREP, path: keys[0]! }]
  },
}
