import t from 'tap'
import { inspect } from 'node:util'
import { Secret } from '../../../contract/secret.ts'
import { BuildFailure, ImageRefusal, NotThisWay } from '../../../image-builder/refusal.ts'
import { errorOf, failureOf } from '../../../image-builder/without-root/failure.ts'
import { decode, encode } from '../../../image-builder/without-root/messages.ts'

t.test('bytes and secrets arrive as what they were, and a secret is still one', async (t) => {
  const sent = { wish: { token: new Secret('abc.def'), code: Buffer.from([0, 255]), list: [{ bytes: Buffer.alloc(0) }], name: 'x', none: null } }
  const { wish } = decode(encode(sent)) as typeof sent
  t.equal(wish.token.reveal(), 'abc.def')
  t.equal(inspect(wish.token), '[secret]')
  t.ok(wish.code.equals(sent.wish.code))
  t.ok(Buffer.isBuffer(wish.list[0]!.bytes))
  t.same([wish.name, wish.none], ['x', null])
})

t.test('an error arrives as the same kind, with its words and the code of the system', async (t) => {
  for (const error of [new ImageRefusal('no'), new NotThisWay('it is XFS'), new BuildFailure('full'), Object.assign(new Error('no space'), { code: 'ENOSPC' })]) {
    const there = errorOf(decode(encode(failureOf(error))) as never)
    t.equal(there.constructor, error.constructor)
    t.match(there, { message: error.message, ...('code' in error ? { code: error.code } : {}) })
  }
})
