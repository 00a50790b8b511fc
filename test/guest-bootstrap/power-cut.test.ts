import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { GUEST } from '../../contract/paths.ts'
import { MEMORY, remember } from '../../guest-bootstrap/memory.ts'
import { fetch } from '../../guest-bootstrap/stages/fetch.ts'
import { treeOf } from '../../contract/source-tree.ts'
import { currentManifest } from '../../guest-bootstrap/tree/current.ts'
import { isWholeTree } from '../../guest-bootstrap/tree/whole-tree.ts'
import { INSTANCE, machine } from './machine.ts'
import { signedTree, SIGNING_KEYS } from './signed-tree.ts'
import { tlsHost } from './tls-host.ts'

const OLD = signedTree({ 'trove/a.py': 'old a\n', 'trove/b.py': 'old b\n' })
const NEW = signedTree({ 'trove/a.py': 'new a\n', 'trove/b.py': 'new b\n', 'trove/c.py': '-> b.py' })

t.test('cut at any moment while a new tree comes in, the old or the new one is there, whole, and the next boot goes on', async (t) => {
  let served = OLD
  const host = await tlsHost(t, (request, response) => void response.end(request.url === '/v1/manifest' ? served.body : served.pack))
  const endings: string[] = []
  for (let cut = 0; endings.at(-1) !== 'ended by itself'; cut++) {
    const it = machine(t, { ca: host.ca })
    const { files } = it.system
    const boot = () => {
      remember(files, MEMORY.identity, { instance: INSTANCE, urls: [host.url], source: '' })
      remember(files, MEMORY.host, { url: host.url, uptime: 0 })
    }
    boot()
    remember(files, MEMORY.enrolment, { instance: INSTANCE, secret: 's'.repeat(43), granted: { instance: INSTANCE, expires: '2030-01-01', signing_keys: [...SIGNING_KEYS], at: 0 } })
    served = OLD
    await fetch.run(it.system)

    served = NEW
    const child = spawn(process.execPath, [join(import.meta.dirname, 'power-cut.ts'), it.root, String(cut)], { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()))
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    if (signal !== 'SIGKILL' && code !== 0) throw new Error(said)

    // The next boot: /run is empty.
    files.remove('/run')
    const kept = currentManifest(files)
    const revision = kept?.manifest.revision
    const which = revision === OLD.manifest.revision ? 'old' : revision === NEW.manifest.revision ? 'new' : 'neither'
    t.not(which, 'neither', `cut before change ${cut}: the ${which} tree`)
    t.ok(kept && isWholeTree(files, treeOf(kept.manifest.revision), kept.manifest), `cut before change ${cut}: it is whole`)
    boot()
    await fetch.run(it.system)
    t.equal(currentManifest(files)?.manifest.revision, NEW.manifest.revision)
    t.same(files.list(GUEST.source).filter((name) => name.startsWith('.')), [], 'nothing half-written is left')
    endings.push(signal === 'SIGKILL' ? which : 'ended by itself')
  }
  t.ok(endings.includes('old') && endings.includes('new') && endings.length > 10, endings.join(' '))
})
