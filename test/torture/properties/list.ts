import { cloudAnswers } from './cloud-answers.ts'
import { consoleLines } from './console-lines.ts'
import { credentials } from './credentials.ts'
import { evidenceFiles } from './evidence-files.ts'
import { extImages } from './ext-images.ts'
import { guestsAnswers } from './guests-answers.ts'
import { headers } from './headers.ts'
import { imageTexts } from './image-texts.ts'
import { injected } from './injected.ts'
import { journals } from './journals.ts'
import type { Parser } from './law.ts'
import { manifests } from './manifests.ts'
import { osloConfigs } from './oslo-configs.ts'
import { packs } from './packs.ts'
import { partitionTables } from './partition-tables.ts'
import { qcow2Headers } from './qcow2-headers.ts'
import { requests } from './requests.ts'
import { scrubbing } from './scrubbing.ts'
import { settings } from './settings.ts'
import { transportUrls } from './transport-urls.ts'
import { wheels } from './wheels.ts'

export const PARSERS: readonly Parser[] = [
  ...[requests, headers, credentials, settings, wheels, consoleLines],
  ...[manifests, packs, injected, osloConfigs, transportUrls, journals],
  ...[qcow2Headers, partitionTables, extImages, imageTexts],
  ...[guestsAnswers, cloudAnswers, evidenceFiles, scrubbing],
]
