import { join } from 'node:path'
import type { Progress } from '../../cli/progress.ts'
import { shortRevision } from '../../contract/manifest.ts'
import { startHost, type Host } from '../host.ts'
import { stepsOf } from '../steps.ts'
import { troveTree } from '../trove-tree.ts'
import { wheels } from '../wheels.ts'
import type { LabCloud } from './cloud.ts'
import { HOST } from './network.ts'

/** host-server beside the cloud, as beside a devstack: guests are let in because Trove, Nova and Neutron attest them. */
export async function startHostBeside(cloud: LabCloud, progress: Progress): Promise<Host> {
  return await stepsOf(progress)('host-server', async (tell) => {
    const host = await startHost({
      dir: join(cloud.dir, 'host'),
      files: cloud.trove.files,
      source: await troveTree(tell),
      wheels: await wheels(tell),
      address: HOST,
      openstack: { cloud: 'admin', clouds_file: cloud.cloudsFile },
      env: cloud.env,
      tell,
    })
    return [host, `${host.url} · revision ${shortRevision(await host.revision())}`]
  })
}
