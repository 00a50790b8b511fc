import { filesOf } from './file-dump.ts'
import { isChatter } from './journals.ts'
import { linesOf, type Sections } from './sections.ts'

const MOST: Record<string, number> = { '/var/log/cloud-init-output.log': 40 }

/** Ends of the logs that are files, by path. Of cloud-init.log only what it complains of, which the guest has picked out. */
export function logsOf(sections: Sections): Record<string, string[]> {
  const logs: Record<string, string[]> = {}
  for (const [path, text] of filesOf(sections.get('logs'))) logs[path] = linesOf(text.replace(/^.*$/gm, (line) => (isChatter(line) ? '' : line)), MOST[path] ?? 80)
  const complaints = linesOf(sections.get('cloud-init-log'), 60)
  if (complaints.length > 0) logs['/var/log/cloud-init.log'] = complaints
  return logs
}
