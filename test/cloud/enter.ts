// The first import of every file here: nothing else may have begun when its process begins again in a world of its own.
import { enterOwnWorld, insideOwnWorld } from '../../lab/cloud/own-world.ts'
import { holdLock } from '../../lab/lock.ts'

// A cloud takes both processors and 4 GB of memory: a second one would have all its services run into their time limits.
if (!insideOwnWorld()) await holdLock('whole cloud', () => process.stderr.write('another whole cloud runs on this machine; this one begins when it has ended\n'))

/** Where the cloud lives. */
export const folder = enterOwnWorld()
