// What `npm test` tries in the whole cloud: who is let in. No guest boots, and the rest takes `npm run test:cloud`.
import { inOneCloud } from './in-one-cloud.ts'

await inOneCloud(['attestation'])
