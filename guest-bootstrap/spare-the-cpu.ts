import { setFlagsFromString } from 'node:v8'

// The daemon lives a few seconds, mostly on CPUs that are emulated, where every machine instruction that V8 makes has to be translated
// once more before it runs: interpreted throughout it takes a third less CPU time and 10 MB less memory. Threads for the
// garbage collector cost more than they bring. Must be the first import.
for (const flag of ['--no-opt', '--no-maglev', '--no-sparkplug', '--no-parallel-scavenge', '--no-concurrent-marking']) setFlagsFromString(flag)
