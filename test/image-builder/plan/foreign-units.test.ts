import t from 'tap'
import { foreignUnits } from '../../../image-builder/plan/foreign-units.ts'
import { planBuild } from '../../../image-builder/plan/plan-build.ts'
import type { Planted } from './memory-tree.ts'
import { debianWith, LAYOUTS } from './layouts.ts'
import { built, partsFor } from './parts.ts'

t.test('an agent of the image is found wherever a unit comes from, and so is what would start it later', async (t) => {
  const cases: Record<string, [Record<string, Planted>, string[]]> = {
    'a file of the administrator': [{ '/etc/systemd/system/guest-agent.service': '[Service]\n' }, ['guest-agent.service']],
    'a file of a package': [{ '/usr/lib/systemd/system/trove-guestagent.service': '[Service]\n' }, ['trove-guestagent.service']],
    'a link to somewhere': [{ '/etc/systemd/system/trove-guest.service': '-> /opt/x/agent.service' }, ['trove-guest.service']],
    'enabled, and the unit comes from a generator': [{ '/etc/systemd/system/multi-user.target.wants/guest-agent.service': '-> /nowhere' }, ['guest-agent.service']],
    'an init script': [{ '/etc/init.d/openstack-trove-guestagent': '#!/bin/sh\n' }, ['openstack-trove-guestagent.service']],
    'a timer of the same name': [{ '/usr/lib/systemd/system/guest-agent.timer': '[Timer]\n' }, ['guest-agent.timer']],
    'a timer that names it': [{ '/etc/systemd/system/x.timer': '[Timer]\nUnit = guest-agent.service\n', '/etc/systemd/system/y.timer': '[Timer]\nUnit=other.service\n' }, ['x.timer']],
    'a socket that names it': [{ '/etc/systemd/system/x.socket': '[Socket]\nService=trove-guest.service\n' }, ['x.socket']],
    'masked already': [{ '/etc/systemd/system/guest-agent.service': '-> /dev/null', '/usr/lib/systemd/system/guest-agent.service': '[Service]\n' }, []],
    'a timer of the same name for something else': [{ '/usr/lib/systemd/system/guest-agent.timer': '[Timer]\nUnit=other.service\n' }, []],
    nothing: [{ '/etc/systemd/system/guest-agent.service.d/x.conf': '' }, []],
  }
  for (const [name, [planted, expected]] of Object.entries(cases)) t.same(await foreignUnits(debianWith(planted)), expected, name)
})

t.test('it is put behind ours by a drop-in that says why and how to undo it; its file and its links stay', async (t) => {
  const { plan, tree } = await built(LAYOUTS['occupied']!())
  t.same(plan.survey.foreignUnits, ['guest-agent.service', 'nightly.timer', 'trove-guest.service'])
  for (const unit of plan.survey.foreignUnits) {
    const text = tree.entries.get(`/etc/systemd/system/${unit}.d/trovestrap.conf`)?.bytes.toString()
    t.match(text, /^\[Unit\]\nConditionPathExists=!\/opt\/trovestrap\/bin\/node\n/m)
    t.match(text, /To undo: remove this file/)
    t.equal(plan.warnings.filter((line) => line.includes(`has ${unit},`)).length, 1)
  }
  t.equal(tree.entries.get('/etc/systemd/system/multi-user.target.wants/guest-agent.service')?.target, '../guest-agent.service')
  t.same((await planBuild(debianWith({}), partsFor())).survey.foreignUnits, [])
})
