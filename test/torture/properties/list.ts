import { consoleLines } from './console-lines.ts'
import { credentials } from './credentials.ts'
import type { Parser } from './law.ts'
import { manifests } from './manifests.ts'
import { osloConfigs } from './oslo-configs.ts'
import { packs } from './packs.ts'
import { scrubbing } from './scrubbing.ts'
import { transportUrls } from './transport-urls.ts'

export const PARSERS: readonly Parser[] = [credentials, transportUrls, osloConfigs, consoleLines, scrubbing, manifests, packs]
