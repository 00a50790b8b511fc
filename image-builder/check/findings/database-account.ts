import type { Check, Finding } from '../finding.ts'

/** The agent makes user and group `database` with one number, and ends when somebody has it. */
export const databaseAccount: Check = {
  id: 'H3',
  looksFor: 'user id, group id or name of Trove\'s user `database` taken',
  async find({ accounts: { users, groups }, cloud, facts: { databaseUid: id } }) {
    const user = users.find(({ uid, name }) => (uid === id) !== (name === 'database'))
    const group = groups.find(({ gid, name }) => (gid === id) !== (name === 'database'))
    const highest = Math.max(999, ...users.map(({ uid }) => uid).filter((uid) => uid >= 1000 && uid < 60_000))
    const taken = [
      ...(user ? [finding('database-id-taken', `user ${user.name} has the id ${user.uid}`, id, '/etc/passwd')] : []),
      ...(group && !(user && user.name === group.name) ? [finding('database-id-taken', `group ${group.name} has the id ${group.gid}`, id, '/etc/group')] : []),
    ]
    const { defaultUser } = cloud
    if (taken.length > 0 || defaultUser === undefined || users.some(({ name }) => name === defaultUser) || highest !== id - 1 || users.some(({ uid }) => uid === id)) return taken
    // useradd gives the highest id plus one.
    return [{ ...finding('database-id-at-first-boot', `cloud-init makes ${defaultUser} at the first boot, who then gets the id ${id}, because ${highest} is the highest so far`, id, '/etc/passwd'), level: 'warning' }]
  },
}

function finding(code: string, what: string, id: number, path: string): Finding {
  return {
    id: 'H3',
    code,
    level: 'error',
    what: `${what}: the agent needs user and group "database" with ${id} and fails with "Failed to add user database"`,
    mend: `give it another name or id in the base image; or set database_service_uid in trove-guestagent.conf`,
    path,
  }
}
