import { statSync } from 'node:fs'
import { basename } from 'node:path'
import t from 'tap'
import { direct } from '../../image-builder/direct/direct.ts'
import { surveyImage } from '../../image-builder/plan/survey.ts'
import { scratch, tool } from './small-image.ts'
import { STAND_INS } from './stand-ins.ts'

for (const [name, standIn] of Object.entries(STAND_INS)) {
  t.test(`${name} is what it stands for`, async (t) => {
    const folder = scratch(t.teardown)
    const image = standIn.make(folder)
    const { 'virtual-size': size } = JSON.parse(tool('qemu-img', ['info', '--output=json', image])) as { 'virtual-size': number }
    await using opened = await direct.open({ folder, file: basename(image), size })
    t.equal(opened.description, standIn.root === 0 ? 'the whole disk, ext' : `partition ${standIn.root}, ext`)
    const { os, architecture, foreignUnits, accounts, has } = await surveyImage(opened.tree)
    t.strictSame({ os, architecture, foreignUnits }, { os: standIn.os, architecture: standIn.architecture, foreignUnits: standIn.foreignUnits })
    t.match(accounts.group.text, new RegExp(`^${standIn.adminGroup}:`, 'm'))
    t.equal(has.selinux, standIn.adminGroup === 'wheel')
    t.match(await opened.tree.lstat('/etc/shadow'), { uid: 0, mode: standIn.adminGroup === 'wheel' ? 0 : 0o640 })
    t.match(await opened.tree.lstat('/tmp'), { type: 'folder', uid: 0, mode: 0o1777 })
    t.ok(statSync(image).size < 4e6)
  })
}
