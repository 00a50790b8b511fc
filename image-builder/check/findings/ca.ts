import { X509Certificate } from 'node:crypto'
import { GUEST } from '../../../contract/paths.ts'
import { readText } from '../../tree.ts'
import { REBUILD, type Check, type Finding, type Level } from '../finding.ts'

const DAY = 86_400_000
/** An image is used for weeks, and a new CA needs a new image. */
const SOON = 30 * DAY

/** The daemon trusts this certificate and no other. */
export const ca: Check = {
  id: 'D5',
  looksFor: 'a CA certificate that is missing, broken, expired or of another host',
  async find({ tree, agent, facts: { now, ca: own } }) {
    if (agent !== 'ours') return []
    const text = await readText(tree, GUEST.ca, 2 ** 18)
    if (text === undefined || text.trim() === '') return [finding('ca-missing', 'error', `${GUEST.ca} is not in the image: the daemon trusts no host`)]
    const certificate = parsed(text)
    if (!certificate) return [finding('ca-unreadable', 'error', `${GUEST.ca} is no certificate in PEM`)]
    const ends = new Date(certificate.validTo)
    const expected = own === undefined ? undefined : parsed(own)
    return [
      ...(ends <= now ? [finding('ca-expired', 'error', `the CA in ${GUEST.ca} expired on ${day(ends)}`)] : []),
      ...(ends > now && ends.getTime() - now.getTime() < SOON ? [finding('ca-expires-soon', 'warning', `the CA in ${GUEST.ca} expires on ${day(ends)}, in less than 30 days`)] : []),
      ...(expected && expected.fingerprint256 !== certificate.fingerprint256
        ? [finding('ca-of-another-host', 'warning', `the CA in ${GUEST.ca} is not this host's (${short(certificate)}, here ${short(expected)}): guests refuse this host`)]
        : []),
    ]
  },
}

/** The first one, as the builder puts it in. */
function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

function finding(code: string, level: Level, what: string): Finding {
  return { id: 'D5', code, level, what, mend: `${REBUILD} --ca FILE`, path: GUEST.ca }
}

const day = (date: Date): string => date.toISOString().slice(0, 10)
const short = ({ fingerprint256 }: X509Certificate): string => `sha256 ${fingerprint256.replaceAll(':', '').slice(0, 16).toLowerCase()}`
