import t from 'tap'
import { short } from './short.ts'
import { EXPLAINED, graded, testssl } from './testssl.ts'

t.test('openssl, curl and pip work with the CA that is pinned, and refuse every other server', (t) => short(t, testssl))

t.test('a finding of testssl.sh below its best grades that nothing explains is none that is met', async (t) => {
  const fine = [...Array.from({ length: 101 }, (_, number) => ({ id: `check_${number}`, severity: 'OK', finding: 'fine' })), { id: 'TLS1_2', severity: 'INFO', finding: 'not offered' }, { id: 'TLS1_3', severity: 'OK', finding: 'offered with final' }]
  const explained = Object.keys(EXPLAINED).map((id) => ({ id, severity: 'LOW', finding: 'not offered' }))
  const met = (found: typeof fine) => graded(found).every(({ met }) => met)
  t.equal(met([...fine, ...explained]), true)
  t.equal(met([...fine, { id: 'BEAST', severity: 'LOW', finding: 'vulnerable' }]), false)
  t.equal(met([...fine, { id: 'TLS1_1', severity: 'LOW', finding: 'offered (deprecated)' }]), false)
  t.equal(met(fine.slice(1, 40)), false, 'a run that broke off')
})
