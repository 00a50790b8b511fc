import { chmodSync, globSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import '../../cli/image-host.ts' // its cache has a Node that is a header alone
import { CA, scratch, smallImage, TOKEN } from '../small-image.ts'
import { idsOf, rightsOf, watched } from './watched.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
/** All that read an image, or a part of one. */
const TOOLS = ['qemu-img', 'qemu-storage-daemon', 'sfdisk', 'e2fsck', 'debugfs', 'openssl', 'cp']
const root = process.geteuid!() === 0

/** A base image that only root may reach and only root may read, and one that anybody might read. */
function host(t: Test) {
  const folder = scratch(t.teardown.bind(t))
  const images = join(folder, 'images')
  mkdirSync(images)
  const files = { ca: join(folder, 'ca.pem'), token: join(folder, 'token') }
  writeFileSync(files.ca, CA)
  writeFileSync(files.token, TOKEN)
  return { folder, images, files, base: smallImage(images, { size: 400 }) }
}

t.test('what root builds, somebody without any right has built: every tool, and the part of the builder that starts it', async (t) => {
  if (!root) return t.pass('an ordinary user has nothing to give up')
  const { folder, images, base, files } = host(t)
  chmodSync(folder, 0o700) // nobody else may enter it, as /root
  for (const mode of [0o644, 0o600]) {
    chmodSync(base, mode)
    const out = join(images, `out-${mode}.qcow2`)
    const options = ['--url', 'https://10.0.0.1:15555', '--ca', files.ca, '--token-file', files.token, '--accept', 'world-readable-secret']
    const { status, said, seen } = watched(t, folder, TOOLS, 'image', 'build', base, '-o', out, ...options)
    t.equal(status, 0, said)
    t.same([...new Set(seen.map(({ tool }) => tool))].sort(), [...TOOLS].sort(), 'all of them were run')
    for (const { tool, itself, parent, network } of seen.filter(({ tool, itself }) => !(tool === 'cp' && idsOf(itself).includes('0')))) {
      for (const [who, fields] of [[tool, itself], [`who started ${tool}`, parent]] as const) {
        const ids = idsOf(fields)
        t.equal(ids.length, 1, `${who} has one id and no other to go back to`)
        t.ok(Number(ids[0]) >= 60_706 && Number(ids[0]) <= 61_183, `${who} is ${ids}`)
        t.equal(rightsOf(fields), 0n, `${who} has no capability`)
        t.equal(fields.get('NoNewPrivs'), '1', `${who} gets no new privileges`)
        t.notOk(fields.get('Groups')!.split(/\s+/).includes('0'), `${who} is in no group of root's`)
      }
      t.equal(network, 'lo:', `${tool} has no network`)
    }
    const { uid, gid, mode: made } = statSync(out)
    t.same([uid, gid, made & 0o7777], [0, 0, 0o600], 'the image is root\'s, and nobody else reads it')
    t.same(readdirSync(images).filter((name) => name.startsWith('.')), [], 'nothing is left')
  }
  const { status, said, seen } = watched(t, folder, TOOLS, 'image', 'inspect', join(images, `out-${0o644}.qcow2`))
  t.equal(status, 0, said)
  t.ok(seen.length > 0)
  t.same(seen.filter(({ tool, itself }) => tool !== 'cp' && idsOf(itself).includes('0')), [], 'the same to look into an image')
})

t.test('the command line reaches images only through the door at which rights are given up', async (t) => {
  const door = /from '\.\.\/image-builder\/without-root\/verbs\.ts'/
  const inside = /^import (?!type )(?:[^']*)from '\.\.\/image-builder\/(build-image|make-image|open-image|strip-image|change-debug-user|inspect-image|choose-way|check\/check-image|diff\/diff-trees|direct\/[^']*|libguestfs\/[^']*|container\/[^']*|ext\/[^']*|run-tool)\.ts'/m
  const files = globSync('cli/*.ts', { cwd: ROOT })
  t.equal(files.filter((file) => door.test(readFileSync(join(ROOT, file), 'utf8'))).length, 7, 'each verb of image, and publish, which looks for its token')
  t.same(files.filter((file) => inside.test(readFileSync(join(ROOT, file), 'utf8'))), [])
})
