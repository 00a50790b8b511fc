import type { Check } from '../finding.ts'

/** cloud-init's write_files runs before it makes any user, and gives up at the first file whose owner it does not know. */
export const injectedOwner: Check = {
  id: 'B2',
  looksFor: 'an owner of injected files who does not exist in the image',
  async find({ accounts, agent, cloud, facts: { injectedOwner: owner } }) {
    if (accounts.users.some(({ name }) => name === owner)) return []
    const later = cloud.defaultUser === owner ? '; cloud-init makes that user only after it has written files' : ''
    const restored = agent === 'ours' ? '. The daemon restores what cloud-init leaves out' : ''
    return [
      {
        id: 'B2',
        code: 'injected-owner-missing',
        level: agent === 'ours' ? 'warning' : 'error',
        what: `Trove's injected files are to belong to ${owner}, who is not in /etc/passwd${later}: cloud-init stops at the first of them${restored}`,
        mend: 'set injected_config_owner = root in trove.conf on the controller; or check with --injected-owner NAME what is set there; or make the user in the base image',
        path: '/etc/passwd',
      },
    ]
  },
}
