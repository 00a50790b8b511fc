import { readFileSync } from 'node:fs'
import type { ServerChannel } from 'ssh2'

/** Recorded from a real guest and cut short, with canaries in the place of its secrets; `@BOUNDARY@` stands for the run's own. */
export function transcript(name: 'user' | 'root' | 'root-aside' | 'network'): string {
  return readFileSync(new URL(`transcripts/${name}.txt`, import.meta.url), 'latin1')
}

export interface Talk {
  readonly stdout: string
  readonly stderr?: string
  readonly status?: number
}

/** Which of the collector's three questions a command is. */
export function questionOf(command: string): 'user' | 'root' | 'network' {
  return command.includes('sudo') ? 'root' : /[0-9a-f]{24} \S/.test(command) ? 'network' : 'user'
}

/** Prints a transcript as the guest would. */
export function play(command: string, channel: ServerChannel, { stdout, stderr = '', status = 0 }: Talk): void {
  const boundary = /--[0-9a-f]{24}/.exec(command)![0]
  const bytes = (text: string) => Buffer.from(text.replaceAll('@BOUNDARY@', boundary), 'latin1')
  channel.stderr.write(bytes(stderr))
  channel.write(bytes(stdout))
  channel.exit(status)
  channel.end()
}
