import { readFileSync } from 'node:fs'
import t from 'tap'
import { GUEST, UNITS } from '../../contract/paths.ts'
import { MEMORY } from '../../guest-bootstrap/memory.ts'
import { readUnitTexts } from '../../image-builder/plan/unit-texts.ts'

const read = (name: string) => readFileSync(new URL(`../../systemd/${name}`, import.meta.url), 'utf8')

t.test('the timer starts the service of its name once a day, each guest at its own time, also after a sleep', async (t) => {
  const timer = read(UNITS.renewTimer)
  t.equal(UNITS.renewTimer.replace(/timer$/, 'service'), UNITS.renew)
  t.notMatch(timer, /^Unit=/m)
  t.match(timer, /^OnCalendar=daily$/m)
  t.match(timer, /^RandomizedDelaySec=24h\nFixedRandomDelay=yes\nPersistent=yes$/m)
  t.match(timer, /^WantedBy=timers\.target$/m)
})

t.test('the service looks once, after the daemon has ended, with one of root\'s rights, and may write what it writes', async (t) => {
  const service = read(UNITS.renew)
  t.match(service, `\nConditionPathExists=${MEMORY.heard.path}\n`)
  t.match(service, `\nExecStart=${GUEST.node} ${GUEST.bundle} renew-credential\n`)
  t.match(service, /^CapabilityBoundingSet=CAP_DAC_READ_SEARCH$/m)
  t.match(service, /^RuntimeMaxSec=120$/m)
  t.notMatch(service, /^(WantedBy|Also|Restart)=/m)
  const writable = /^ReadWritePaths=(.*)$/m.exec(service)![1]!.split(' ')
  for (const path of [MEMORY.enrolment.path, MEMORY.host.path, MEMORY.unrenewed.path, GUEST.token]) t.ok(writable.some((folder) => path.startsWith(`${folder}/`)), path)
})

t.test('the image builder puts both in', async (t) => {
  const { renew, renewTimer } = await readUnitTexts('trove')
  t.same([renew, renewTimer], [read(UNITS.renew), read(UNITS.renewTimer)])
})
