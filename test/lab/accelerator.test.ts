import t from 'tap'
import { judge } from '../../lab/accelerator.ts'

t.test('KVM works when a kernel ran to its end under it', async (t) => {
  const console = '[    1.2] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)'
  t.same(judge({ console, status: 'QEMU ended' }), { name: 'kvm', why: 'a kernel ran under KVM' })
})

t.test('KVM does not work when the kernel hangs, however much it printed before', async (t) => {
  t.same(judge({ console: '[    0.0] Linux version 6.1', status: undefined }), { name: 'tcg', why: 'KVM does not answer (no kernel came up in 10 s)' })
})

t.test('KVM does not work when QEMU refuses it, and its last line says why', async (t) => {
  t.same(judge({ console: '', status: 'failed to set MSR 0x10a' }), { name: 'tcg', why: 'KVM does not answer (failed to set MSR 0x10a)' })
})
