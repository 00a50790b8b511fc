// The first import of every file here: nothing else may have begun when its process begins again in a world of its own.
import { enterOwnWorld } from '../../lab/cloud/own-world.ts'

/** Where the cloud lives. */
export const folder = enterOwnWorld()
