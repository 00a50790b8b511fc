import { consoleLines } from './console-lines.ts'
import { credentials } from './credentials.ts'
import { extImages } from './ext-images.ts'
import { headers } from './headers.ts'
import { injected } from './injected.ts'
import { manifests } from './manifests.ts'
import { osloConfigs } from './oslo-configs.ts'
import { packs } from './packs.ts'
import { partitionTables } from './partition-tables.ts'
import { qcow2Headers } from './qcow2-headers.ts'
import { settings } from './settings.ts'
import { requests } from './requests.ts'
import { scrubbing } from './scrubbing.ts'
import { transportUrls } from './transport-urls.ts'
import { wheels } from './wheels.ts'
import type { Parser } from './law.ts'

/** In the order of the rooms. */
export const PARSERS: readonly Parser[] = [requests, credentials, headers, consoleLines, wheels, transportUrls, osloConfigs, scrubbing, manifests, packs, injected, extImages, partitionTables, qcow2Headers, settings]
