import { asRoot } from './run.ts'

/**
 * A command as root that can leave nothing behind: in mount and process namespaces of its own, whose mounts and
 * processes are gone with it however it ends. mmdebstrap killed outright would otherwise leave /proc and /sys mounted
 * in its tree, and apt at work on it.
 */
export function contained(command: readonly string[]): string[] {
  return asRoot(['unshare', '--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc', '--', ...command])
}
