import { join } from 'node:path'
import type { Settings } from '../../host-server/settings.ts'

/** Settings with everything below one folder; what a test is about is passed in. */
export function settingsOf(folder: string, changed: Partial<Settings> = {}): Settings {
  return {
    listen: { address: '127.0.0.1', port: 0 },
    names: ['controller', '10.0.2.2'],
    state: join(folder, 'state'),
    source: { path: join(folder, 'tree'), exclude: ['.*', '__pycache__', '*.pyc'], git_ignored: false },
    guest_config: { path: join(folder, 'agent.conf'), trove_conf: join(folder, 'trove.conf'), overrides: {}, service_credentials: false },
    python: { requirements: [] },
    lifetimes: { token: 3600, credential: 3600, certificate: 86_400, records: 86_400 },
    log: { level: 'info' },
    ...changed,
  }
}
