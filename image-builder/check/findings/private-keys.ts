import { realPath, stat, type Tree, type TreeNode } from '../../tree.ts'
import type { Check } from '../finding.ts'

const PEM = /^\s*-----BEGIN (?:OPENSSH |RSA |EC |DSA |ENCRYPTED )?PRIVATE KEY-----/
const PUTTY = /^PuTTY-User-Key-File-\d/
/** The smallest (Ed25519 as PKCS#8) has 119 bytes, the largest (RSA 16384) 13 kB. */
const [SMALLEST, LARGEST] = [100, 32_768]
/** What package managers put down holds test keys that the whole world has, and no key of anybody. */
const PACKAGED = /^(?:site-packages|dist-packages|node_modules)$/
const MOST_SEEN = 20_000
const MOST_READ = 5000

/** Development images of Trove carry the private key of the machine that built them; whoever has the image has that. */
export const privateKeys: Check = {
  id: '-',
  looksFor: 'a private key of anybody',
  async find({ tree, accounts }) {
    const places = [...accounts.homes.map((home) => `${home}/.ssh`), '/etc/trove', '/etc/trovestrap', '/opt']
    const found: string[] = []
    const budget = { seen: 0, read: 0 }
    for (const place of new Set(places)) {
      const folder = await stat(tree, place)
      if (folder?.type !== 'folder') continue
      for await (const { path, node } of ownFiles(tree, folder.path, budget)) {
        if (node.size < SMALLEST || node.size > LARGEST || budget.read++ >= MOST_READ) continue
        const head = (await tree.read(path, 128)).toString('latin1')
        if (PEM.test(head) || PUTTY.test(head)) found.push(path)
      }
    }
    return [...new Set(found)].map((path) => {
      return { id: '-', code: 'private-key', level: 'error', what: `${path} is a private key: everybody who has the image has it`, mend: `rm ${path} in the base image, and make a new key where it is used`, path }
    })
  },
}

async function* ownFiles(tree: Tree, folder: string, budget: { seen: number; read: number }): AsyncGenerator<{ path: string; node: TreeNode }> {
  for (const name of await tree.list(folder)) {
    if (++budget.seen > MOST_SEEN) return
    const path = `${folder}/${name}`
    const node = await tree.lstat(path)
    if (node?.type === 'folder' && !PACKAGED.test(name)) yield* ownFiles(tree, path, budget)
    else if (node?.type === 'file') yield { path, node }
    else if (node?.type === 'link' && folder.endsWith('/.ssh')) yield* linked(tree, path)
  }
}

/** A key in ~/.ssh may be a link. */
async function* linked(tree: Tree, path: string): AsyncGenerator<{ path: string; node: TreeNode }> {
  const real = await realPath(tree, path)
  const node = real === undefined ? undefined : await tree.lstat(real)
  if (node?.type === 'file') yield { path: real!, node }
}
