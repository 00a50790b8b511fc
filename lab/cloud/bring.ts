// Brings what comes from outside into the cache: in the cloud's own world there is no network to the outside.
import { progress } from '../../cli/progress.ts'
import { baseImage } from '../base-image.ts'
import { stepsOf } from '../steps.ts'
import { troveTree } from '../trove-tree.ts'
import { wheels } from '../wheels.ts'
import { tables } from './tables.ts'

await stepsOf(progress(process.stderr))('base image, Trove', async (tell) => {
  await Promise.all([baseImage(tell), troveTree(tell), wheels(tell), tables(tell)])
  return [undefined, "Debian 12; tables of every service; the tree of Debian's python3-trove, a wheel of passlib"]
})
