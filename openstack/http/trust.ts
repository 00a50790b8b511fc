import { readFileSync } from 'node:fs'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { createSecureContext, getCACertificates } from 'node:tls'
import { CloudError } from '../cloud-error.ts'
import type { CloudSettings } from '../settings/cloud-settings.ts'

/** How connections are made, and whose certificates are believed. */
export interface Trust {
  readonly http: HttpAgent
  readonly https: HttpsAgent
}

// Services behind uwsgi end a kept connection without saying so; a few handshakes more are cheaper than a failure at random.
const KEEP = { keepAlive: false } as const

/** The CA file where one is named; else what Node brings and what the system trusts: clouds often have a CA of their own in /etc/ssl. */
export function trustOf({ caFile, verify, authUrl }: CloudSettings): Trust {
  const http = new HttpAgent(KEEP)
  if (!verify) return { http, https: new HttpsAgent({ ...KEEP, rejectUnauthorized: false }) }
  if (caFile === undefined && authUrl.startsWith('http:')) return { http, https: new HttpsAgent(KEEP) }
  const ca = caFile === undefined ? [...new Set([...getCACertificates('default'), ...getCACertificates('system')])] : read(caFile)
  // One context for all: hundreds of certificates are parsed once, not with every handshake.
  return { http, https: new HttpsAgent({ ...KEEP, secureContext: createSecureContext({ ca }) }) }
}

function read(caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8')
  } catch (error) {
    throw new CloudError(`the CA file ${caFile} cannot be read: ${(error as NodeJS.ErrnoException).code}; cacert in clouds.yaml or OS_CACERT names it`, { cause: error })
  }
}
