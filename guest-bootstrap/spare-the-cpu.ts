import { setFlagsFromString } from 'node:v8'

// The daemon lives a few seconds, mostly on CPUs that are emulated, where every machine instruction that V8 makes has to be translated
// once more before it runs: interpreted throughout it takes a third less CPU time and 10 MB less memory. Threads for the
// garbage collector cost more than they bring. Must be the first import.
const FLAGS = ['opt', 'maglev', 'sparkplug', 'parallel-scavenge', 'concurrent-marking']
for (const flag of FLAGS) setFlagsFromString(`--no-${flag}`)

/** For a daemon that stays: what it does again and again is worth being compiled. */
export function useTheCpu(): void {
  for (const flag of FLAGS.slice(0, 3)) setFlagsFromString(`--${flag}`)
}
