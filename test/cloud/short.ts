// What `npm test` tries in the whole cloud: all that needs no guest that boots.
import { inOneCloud } from './in-one-cloud.ts'

await inOneCloud(['attestation', 'expose'])
