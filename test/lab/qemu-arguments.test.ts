import t from 'tap'
import { qemuCommand } from '../../lab/qemu-arguments.ts'
import type { Machine } from '../../lab/qemu-arguments.ts'

const MACHINE: Machine = {
  accelerator: 'tcg',
  base: { kernel: '/c/vmlinuz', initrd: '/c/initrd', root: 'LABEL=root' },
  memoryMiB: 1024,
  disks: { root: '/g/root.qcow2', data: '/g/data.qcow2', config: '/g/config.iso' },
  diskCache: 'unsafe',
  sshPort: 20_022,
  kernelArguments: '',
}
const option = (command: string[], name: string) => command.flatMap((word, index) => (word === name ? command[index + 1]! : []))

t.test('the data disk is the second one, so that Trove finds it as /dev/vdb', async (t) => {
  t.same(option(qemuCommand(MACHINE), '-drive'), [
    'file=/g/root.qcow2,if=virtio,format=qcow2,cache=unsafe',
    'file=/g/data.qcow2,if=virtio,format=qcow2,cache=unsafe',
    'file=/g/config.iso,if=virtio,format=raw,readonly=on',
  ])
})

t.test('disks that are to survive a power cut keep what was flushed', async (t) => {
  t.match(option(qemuCommand({ ...MACHINE, diskCache: 'writeback' }), '-drive')[0], /cache=writeback$/)
})

t.test('a comma in a path does not end the option', async (t) => {
  t.match(option(qemuCommand({ ...MACHINE, disks: { ...MACHINE.disks, root: '/a,b/root.qcow2' } }), '-drive')[0], /^file=\/a,,b\/root\.qcow2,if=virtio/)
})

t.test('TCG gets a small translation cache, KVM has none', async (t) => {
  t.same(option(qemuCommand(MACHINE), '-accel'), ['tcg,thread=multi,tb-size=256'])
  t.same(option(qemuCommand({ ...MACHINE, accelerator: 'kvm' }), '-accel'), ['kvm'])
})

t.test('only SSH leads into the guest, and only from this machine', async (t) => {
  t.same(option(qemuCommand(MACHINE), '-nic'), ['user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:20022-:22'])
})

t.test('the kernel is told where this image has its root', async (t) => {
  const base = { ...MACHINE.base, root: '/dev/mapper/guest-root' }
  t.match(option(qemuCommand({ ...MACHINE, base }), '-append')[0], /^root=\/dev\/mapper\/guest-root rw /)
})

t.test('further kernel arguments come last', async (t) => {
  t.match(option(qemuCommand({ ...MACHINE, kernelArguments: 'lab.probe' }), '-append')[0], /^root=LABEL=root .* lab\.probe$/)
})
