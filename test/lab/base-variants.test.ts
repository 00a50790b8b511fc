import t from 'tap'
import { guestfishScript, LAYOUTS } from '../../lab/base-variants.ts'

for (const [variant, layout] of Object.entries(LAYOUTS)) {
  const lines = guestfishScript(layout).split('\n')

  t.test(`${variant}: the kernel's root is the one that fstab mounts`, async (t) => {
    const root = layout.fstab.split('\n').map((line) => line.split(' ')).find(([, folder]) => folder === '/')
    t.equal(root?.[0], layout.root)
  })

  t.test(`${variant}: the tree is copied when all is mounted, and fstab is written over the copy in one command`, async (t) => {
    const at = (command: RegExp) => lines.findLastIndex((line) => command.test(line))
    t.ok(at(/^mount \S+ \/mnt/) < at(/^sh "/) && at(/^sh "/) < at(/^write \/mnt\/etc\/fstab "/), lines.join('\n'))
    t.equal(lines[at(/^write/)], `write /mnt/etc/fstab "${layout.fstab.split('\n').join('\\n')}\\n"`)
  })

  t.test(`${variant}: the container image stays behind`, async (t) => {
    t.match(lines.find((line) => line.startsWith('sh ')), /--exclude=\.\/var\/lib\/containers /)
  })
}
