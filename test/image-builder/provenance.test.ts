import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Secret } from '../../contract/secret.ts'
import { buildImage } from '../../image-builder/build-image.ts'
import { FACTS } from './check/planted.ts'
import { PUBLIC_KEY, quiet, scratch, smallImage, TOKEN, wishFor } from './small-image.ts'

const folder = scratch(t.teardown)
const base = smallImage(folder)
const wish = wishFor(folder, base, { debugUser: { name: 'ann', sshKeys: [PUBLIC_KEY], passwordHash: '$6$salt$hash' } })
const made = async (name: string, more: Partial<typeof wish> = {}) => await buildImage({ ...wish, ...more, out: join(folder, name) }, quiet)

t.test('OUT.json says where OUT comes from, to anybody, and holds no secret', async (t) => {
  const checks = { facts: FACTS, accept: ['B8', 'world-readable-secret'] }
  const { build, content, findings } = await buildImage({ ...wish, out: join(folder, 'told.qcow2') }, quiet, undefined, checks)
  const text = readFileSync(join(folder, 'told.qcow2.json'), 'utf8')
  t.equal(statSync(join(folder, 'told.qcow2.json')).mode & 0o777, 0o644)
  t.match(JSON.parse(text), { build, content, base: { name: 'base.qcow2' }, urls: wish.urls, token: 'abc123', way: 'direct', debug_user: 'ann', findings: findings.map(({ id, code }) => ({ id, code })) })
  t.notMatch(text, TOKEN.split('.')[1]!)
  t.notMatch(text, /\$6\$|ssh-ed25519|PRIVATE|"put"|"accounts"/)
})

t.test('the same input gives the same content and the same build', async (t) => {
  const [one, other] = [await made('one.qcow2'), await made('other.qcow2')]
  t.match(other, { build: one.build, content: one.content })
})

t.test('whatever else is put in gives another content; another base another build', async (t) => {
  const { build, content } = await made('first.qcow2')
  const others = {
    token: { token: new Secret('abc123.fedcba9876543210') },
    'no token': { token: undefined },
    address: { urls: ['https://10.0.0.2:15555'] },
    password: { debugUser: { ...wish.debugUser!, passwordHash: '$6$salt$other' } },
    key: { debugUser: { ...wish.debugUser!, sshKeys: [`${PUBLIC_KEY}2`] } },
    'agent user': { agentUser: 'agent' },
  }
  for (const [name, more] of Object.entries(others)) t.not((await made(`${name}.qcow2`, more as Partial<typeof wish>)).content, content, name)
  const based = await made('based.qcow2', { base: smallImage(folder, { name: 'another.qcow2', tree: { 'var/more': 'x' } }) })
  t.equal(based.content, content)
  t.not(based.build, build)
})
