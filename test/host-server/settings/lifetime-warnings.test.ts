import t from 'tap'
import { SettingsForm } from '../../../host-server/settings/form.ts'
import { lifetimeWarnings } from '../../../host-server/settings/lifetime-warnings.ts'

const DAY = 86_400

t.test('a credential that expires under a running guest is warned of', async (t) => {
  const of = (credential: number) => lifetimeWarnings({ lifetimes: { token: DAY, credential, certificate: DAY, records: 90 * 86_400 } })
  t.match(of(3 * DAY), [/set lifetimes\.credential to 4d or more$/])
  t.same(of(4 * DAY), [])
})

t.test('the default is not', async (t) => {
  const { lifetimes } = SettingsForm.fill({}) as { lifetimes: { credential: string } }
  t.equal(lifetimes.credential, '30d')
})
