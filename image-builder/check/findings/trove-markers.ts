import { realPath, stat } from '../../tree.ts'
import { SYSPREP, type Check } from '../finding.ts'

const PREPARED = /^\.guestagent\.prepare\./
const WORK = '/opt/trove-guestagent'

/** With them the agent believes that it prepared its database long ago, or that it need not fetch its source. */
export const troveMarkers: Check = {
  id: 'B5',
  looksFor: "marks that Trove's agent leaves behind",
  async find({ tree, accounts }) {
    const found: string[] = []
    for (const folder of new Set([WORK, '/var/lib/trove', ...accounts.homes])) {
      const real = await realPath(tree, folder)
      // Programs lie in some system users' homes: only a folder's own names are looked at.
      for (const name of real === undefined ? [] : await tree.list(real)) if (PREPARED.test(name)) found.push(`${folder}/${name}`)
      if (real !== undefined && (await stat(tree, `${real}/trove-installed`))) found.push(`${folder}/trove-installed`)
    }
    return found.map((path) => {
      const means = path.endsWith('trove-installed') ? 'a Trove agent of its own runs stale code' : 'the agent reports a database that was never made, and Trove gives the instance up'
      return { id: 'B5', code: 'trove-marker', level: 'error', what: `${path} is in the image: ${means}`, mend: `${SYSPREP}; or rm ${path} in the base image`, path }
    })
  },
}
