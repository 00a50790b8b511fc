import type { BaseImage } from './base-image.ts'

export interface Machine {
  readonly accelerator: 'kvm' | 'tcg'
  readonly base: Pick<BaseImage, 'kernel' | 'initrd' | 'root'>
  readonly memoryMiB: number
  readonly disks: { readonly root: string; readonly data: string; readonly config?: string }
  /** `unsafe` ignores the guest's flushes; `writeback` keeps what was flushed when QEMU is killed or the host goes on. */
  readonly diskCache: 'unsafe' | 'writeback'
  readonly sshPort: number
  readonly kernelArguments: string
}

/** Serial line on stdin and stdout; QEMU's own protocol (QMP) on file descriptor 3, a socket. */
export function qemuCommand(machine: Machine): string[] {
  const disk = (file: string) => `file=${escape(file)},if=virtio,format=qcow2,cache=${machine.diskCache}`
  return [
    'qemu-system-x86_64',
    '-nodefaults',
    // i440fx: Nova's default
    ...['-M', 'pc'],
    // a translation cache of 1 GiB, the default, is memory that a small machine does not have
    ...(machine.accelerator === 'kvm' ? ['-accel', 'kvm'] : ['-accel', 'tcg,thread=multi,tb-size=256']),
    ...['-cpu', 'max', '-smp', '2', '-m', String(machine.memoryMiB)],
    ...['-display', 'none', '-chardev', 'stdio,id=serial,signal=off', '-serial', 'chardev:serial'],
    ...['-chardev', 'socket,id=qmp,fd=3', '-mon', 'chardev=qmp,mode=control'],
    ...['-kernel', machine.base.kernel, '-initrd', machine.base.initrd],
    ...['-append', `root=${machine.base.root} ${KERNEL_ARGUMENTS} ${machine.kernelArguments}`.trim()],
    ...['-drive', disk(machine.disks.root), '-drive', disk(machine.disks.data)],
    ...(machine.disks.config === undefined ? [] : ['-drive', `file=${escape(machine.disks.config)},if=virtio,format=raw,readonly=on`]),
    ...['-nic', `user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:${machine.sshPort}-:22`],
    ...['-device', 'virtio-rng-pci'],
  ]
}

/**
 * net.ifnames=0: cloud-init's and Trove's eth0. The others save an emulated processor work that protects nobody here.
 */
export const KERNEL_ARGUMENTS = 'rw console=ttyS0 net.ifnames=0 mitigations=off apparmor=0 audit=0 cryptomgr.notests no_timer_check'

/** A comma in a path is doubled in QEMU's option lists. */
function escape(path: string): string {
  return path.replaceAll(',', ',,')
}
