import t from 'tap'
import { userData } from '../../lab/user-data.ts'

t.test('user data is the cloud-config that trove-taskmanager writes', async (t) => {
  const files = [
    { path: '/etc/trove/conf.d/guest_info.conf', content: '[DEFAULT]\nguest_id=a\n' },
    { path: '/etc/trove/controller.conf', content: 'CONTROLLER=10.0.2.2' },
  ]
  t.equal(
    userData(files),
    `#cloud-config
write_files:
- encoding: b64
  owner: root:root
  path: /etc/trove/conf.d/guest_info.conf
  content: W0RFRkFVTFRdCmd1ZXN0X2lkPWEK
- encoding: b64
  owner: root:root
  path: /etc/trove/controller.conf
  content: Q09OVFJPTExFUj0xMC4wLjIuMg==
`,
  )
})

t.test('without files there is no user data', async (t) => {
  t.equal(userData([]), '')
})
