import t from 'tap'
import { secretsInUrl } from '../../contract/known-secrets.ts'

t.test('passwords of a URL are known as written and as meant, the longest first', async (t) => {
  t.same(secretsInUrl('mysql+pymysql://trove:p%40ss%2Fword@10.0.0.1:3306/trove?charset=utf8'), ['p%40ss%2Fword', 'p@ss/word'])
  t.same(secretsInUrl('rabbit://a:first-one@h1:5672,b:second-one-is-longer@h2:5672/'), ['second-one-is-longer', 'first-one'])
})

t.test('a password that is a word of every second line of a log is not masked: nothing would be left to read', async (t) => {
  for (const url of ['mysql+pymysql://trove:trove@127.0.0.1/trove', 'rabbit://openstack:secret@h/', 'sqlite:////var/lib/trove.sqlite', 'no URL']) t.same(secretsInUrl(url), [], url)
})
