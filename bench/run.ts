// `npm run bench [-- PART…]`: measures on real parts and writes the parts' sections of bench/RESULTS.md; the others stay as they are.
import { bringUp } from './bring-up.ts'
import { diagnosis } from './diagnosis.ts'
import { follow } from './follow.ts'
import { herd } from './herd.ts'
import { images } from './images.ts'
import { heading, keepResults } from './results.ts'
import { snapshot } from './snapshot.ts'
import { transfer } from './transfer.ts'

const PARTS: Readonly<Record<string, { readonly title: string; readonly measure: () => Promise<string> }>> = {
  'bring-up': { title: 'A bring-up', measure: bringUp },
  images: { title: 'Building images', measure: images },
  diagnosis: { title: 'Diagnosis', measure: diagnosis },
  follow: { title: 'Follow: from a save to the agent', measure: follow },
  transfer: { title: 'From a tree on the host to a tree in a guest', measure: transfer },
  herd: { title: 'A thousand guests at once', measure: herd },
  snapshot: { title: 'Snapshots of a tree', measure: snapshot },
}

const asked = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PARTS)
const unknown = asked.find((part) => !Object.hasOwn(PARTS, part))
if (unknown !== undefined) {
  console.error(`there is no part ${unknown} to measure; expected ${Object.keys(PARTS).join(' or ')}`)
  process.exit(2)
}
for (const part of asked) {
  const { title, measure } = PARTS[part]!
  const measured = `${heading(`npm run bench -- ${part}`)}\n\n${await measure()}`
  keepResults(new Map([[title, measured]]), Object.values(PARTS).map(({ title }) => title))
  console.log(`\n## ${title}\n\n${measured}`)
}
