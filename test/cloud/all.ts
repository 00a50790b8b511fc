// `npm run test:cloud`: all that is tried in the whole cloud.
import { inOneCloud } from './in-one-cloud.ts'

await inOneCloud(['attestation', 'path', 'faults'])
