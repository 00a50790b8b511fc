import t from 'tap'
import { addGroup, addMember, addUser, findUser, hasGroup, setPassword, type AccountFiles } from '../../../image-builder/plan/accounts.ts'
import { takeOutAccounts } from '../../../image-builder/plan/take-out-accounts.ts'

const file = (name: string, text: string) => ({ path: `/etc/${name}`, text, mode: 0o644, uid: 0, gid: 0 })
const FILES: AccountFiles = {
  passwd: file('passwd', 'root:x:0:0:root:/root:/bin/bash\nsyslog:x:999:999::/:/bin/false'),
  group: file('group', 'root:x:0:\nsyslog:x:999:\ndocker:x:998:ann\n'),
  shadow: file('shadow', 'root:*:19000:0:99999:7:::\n'),
  gshadow: file('gshadow', 'root:*::\ndocker:!::ann\n'),
}
const texts = (files: AccountFiles) => ({ passwd: files.passwd.text, group: files.group.text, shadow: files.shadow.text, gshadow: files.gshadow?.text })
const USER = { name: 'trove', system: true, home: '/var/lib/trove', shell: '/usr/sbin/nologin', hash: '!*', comment: 'agent' }

t.test('a system user gets the highest free id below 1000, for user and group alike, behind a line without an end', async (t) => {
  t.same(texts(addUser(FILES, USER)), {
    passwd: 'root:x:0:0:root:/root:/bin/bash\nsyslog:x:999:999::/:/bin/false\ntrove:x:997:997:agent:/var/lib/trove:/usr/sbin/nologin\n',
    group: 'root:x:0:\nsyslog:x:999:\ndocker:x:998:ann\ntrove:x:997:\n',
    shadow: 'root:*:19000:0:99999:7:::\ntrove:!*::0:99999:7:::\n',
    gshadow: 'root:*::\ndocker:!::ann\ntrove:!::\n',
  })
})

t.test('an ordinary user comes behind 1001, which the Trove agent wants for its database user, and so does whom useradd makes next', async (t) => {
  const first = addUser(FILES, { ...USER, name: 'one', system: false })
  const second = addUser(first, { ...USER, name: 'two', system: false })
  t.same([findUser(first, 'one')?.uid, findUser(second, 'two')?.uid], [1002, 1003])
})

t.test('a group of the same name that is there already becomes the user\'s', async (t) => {
  const files = addUser(addGroup(FILES, 'trove', 300), USER)
  t.same(findUser(files, 'trove'), { uid: 300, gid: 300 })
})

t.test('a member is added once, to group and gshadow', async (t) => {
  const twice = addMember(addMember(FILES, 'docker', 'trove'), 'docker', 'trove')
  t.match(twice.group.text, /^docker:x:998:ann,trove$/m)
  t.match(twice.gshadow?.text, /^docker:!::ann,trove$/m)
  t.equal(hasGroup(FILES, 'trove'), false)
})

t.test('a password takes the place of the other one and nothing else', async (t) => {
  t.equal(setPassword(FILES, 'root', '$6$x').shadow.text, 'root:$6$x:19000:0:99999:7:::\n')
})

t.test('what is taken out again leaves every other line as it is, also what others added since', async (t) => {
  const with2 = addMember(addUser(addGroup(FILES, 'extra'), USER), 'docker', 'trove')
  const since = addMember(with2, 'extra', 'ann')
  const added = [{ part: 'daemon', kind: 'user', name: 'trove' }, { part: 'daemon', kind: 'group', name: 'trove' }, { part: 'daemon', kind: 'group', name: 'extra' }, { part: 'daemon', kind: 'member', name: 'trove', group: 'docker' }] as const
  t.same(texts(takeOutAccounts(with2, added).files), { ...texts(FILES), passwd: `${FILES.passwd.text}\n` })
  const { files, warnings } = takeOutAccounts(since, added)
  t.match(files.group.text, /^extra:x:\d+:ann$/m)
  t.same(warnings, ['the group extra stays in the image although a build made it; in it: ann'])
})

t.test('a user who goes is in no group any more, and a group stays that is another user\'s own', async (t) => {
  const files = addUser(addMember(addUser(FILES, USER), 'docker', 'trove'), { ...USER, name: 'other' })
  const gid = findUser(files, 'trove')!.gid
  const shared = { ...files, passwd: { ...files.passwd, text: files.passwd.text.replace(/^(other:x:\d+:)\d+/m, `$1${gid}`) } }
  const left = takeOutAccounts(shared, [{ part: 'daemon', kind: 'user', name: 'trove' }, { part: 'daemon', kind: 'group', name: 'trove' }])
  t.match(left.files.group.text, /^docker:x:998:ann$/m)
  t.match(left.files.gshadow?.text, /^docker:!::ann$/m)
  t.match(left.warnings, [/it is the group of other/])
})
