import { stat, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { accelerator as chooseAccelerator } from './accelerator.ts'
import type { BaseImage } from './base-image.ts'
import { writeConfigDrive } from './config-drive.ts'
import { startDaemon } from './daemon.ts'
import type { Daemon } from './daemon.ts'
import { freePorts } from './free-ports.ts'
import { guestShell } from './guest-shell.ts'
import type { Login, ShellResult } from './guest-shell.ts'
import { qemuCommand } from './qemu-arguments.ts'
import type { Machine } from './qemu-arguments.ts'
import { Monitor } from './qmp.ts'
import { run } from './run.ts'
import { ConsoleLog } from './serial-console.ts'
import type { SerialConsole } from './serial-console.ts'
import type { Tell } from './tell.ts'
import { userData } from './user-data.ts'
import type { InjectedFile } from './user-data.ts'

export interface GuestOptions {
  /** Disks and console log; made when missing. The same folder again means the same disks. */
  readonly dir: string
  /** What the root disk is an overlay of; never written to. */
  readonly image: string
  /** Kernel, initrd and where root is. */
  readonly base: BaseImage
  /** Nova's uuid and name of the server; the lab gives it the Trove instance's. */
  readonly instance: { readonly id: string; readonly name: string }
  readonly files: readonly InjectedFile[]
  /** More of Nova's metadata; `trove_instance_id` is there in any case. */
  readonly metadata?: Readonly<Record<string, string>>
  /** OpenSSH lines; cloud-init gives them to root. */
  readonly publicKeys?: readonly string[]
  readonly memoryMiB?: number
  /** `writeback` where a power cut is to be survived. */
  readonly diskCache?: 'unsafe' | 'writeback'
  /** Added to the kernel's command line. */
  readonly kernelArguments?: string
  /** `none`: the machine has no config drive. */
  readonly configDrive?: 'none'
  readonly tell?: Tell
}

/** A machine under QEMU, as Nova would have made it: root disk, config drive, a second disk for Trove's data, one network. */
export interface Guest extends AsyncDisposable {
  readonly accelerator: 'kvm' | 'tcg'
  readonly console: SerialConsole
  /** On 127.0.0.1. */
  readonly sshPort: number
  readonly running: boolean
  /** The power is cut: QEMU gets SIGKILL, the disks stay. */
  kill(): Promise<void>
  /** Boots again from the same disks. */
  start(): Promise<void>
  /** The power button, and the power cut after 30 s. */
  stop(): Promise<void>
  /** The machine as it is now, memory and disks, under a name, kept in its root disk. */
  save(name: string): Promise<void>
  /** The machine as it was when it was saved, its wall clock too; it stands still until `resume`. */
  load(name: string): Promise<void>
  resume(): Promise<void>
  /** Its network cable: pulled, the interface has no carrier. */
  cable(plugged: boolean): Promise<void>
  /** Runs a command in the guest's shell over SSH. @param input what it reads from standard input */
  shell(command: string, login: Login, input?: string): Promise<ShellResult>
}

export type { SerialConsole }

const DATA_DISK = '1G'
const MEMORY_MIB = 1024
const POWER_DOWN_MS = 30_000
const POWER_BUTTON_MS = 3_000

export async function startGuest(options: GuestOptions): Promise<Guest> {
  const { name } = await chooseAccelerator(options.base, options.tell ?? (() => {}))
  await mkdir(options.dir, { recursive: true, mode: 0o700 })
  const disks = await makeDisks(options)
  const [sshPort] = await freePorts(1)
  const machine: Machine = {
    accelerator: name,
    base: options.base,
    memoryMiB: options.memoryMiB ?? MEMORY_MIB,
    disks,
    diskCache: options.diskCache ?? 'unsafe',
    sshPort: sshPort!,
    kernelArguments: options.kernelArguments ?? '',
  }
  const console = new ConsoleLog(join(options.dir, 'console.log'))
  let power = await powerOn(options, machine, console)
  const guest: Guest = {
    accelerator: name,
    console,
    sshPort: sshPort!,
    get running() {
      return power.qemu.running
    },
    kill: () => power.qemu.kill(),
    async start() {
      if (!power.qemu.running) power = await powerOn(options, machine, console)
    },
    stop: () => powerOff(power),
    save: (name) => power.monitor.human(`savevm ${name}`),
    async load(name) {
      await power.monitor.human('stop')
      await power.monitor.human(`loadvm ${name}`)
      console.breakLine()
    },
    resume: () => power.monitor.human('cont'),
    // the name that QEMU gives the only card
    cable: (plugged) => power.monitor.human(`set_link virtio-net-pci.0 ${plugged ? 'on' : 'off'}`),
    shell: (command, login, input) => guestShell(sshPort!, command, login, input),
    async [Symbol.asyncDispose]() {
      if (power.qemu.running) await power.qemu.kill()
      console.end()
    },
  }
  return guest
}

interface Power {
  readonly qemu: Daemon
  readonly monitor: Monitor
}

async function powerOn(options: GuestOptions, machine: Machine, console: ConsoleLog): Promise<Power> {
  let monitor: Monitor | undefined
  const qemu = await startDaemon({
    name: `QEMU of ${options.instance.name}`,
    command: qemuCommand(machine),
    cwd: options.dir,
    log: join(options.dir, 'qemu.log'),
    piped: ({ stdin, stdout, socket }) => {
      stdin.on('error', () => {}) // a guest that was killed reads no more
      stdout.on('data', (chunk: Buffer) => console.take(chunk))
      console.attachKeyboard((text) => stdin.write(text))
      monitor = new Monitor(socket)
    },
  })
  void qemu.ended.then(() => console.cut())
  return { qemu, monitor: monitor! }
}

async function powerOff({ qemu, monitor }: Power): Promise<void> {
  if (!qemu.running) return
  // a guest that has not booted far enough misses the button: it is pressed again
  const button = setInterval(() => monitor.powerDown(), POWER_BUTTON_MS)
  const limit = setTimeout(() => void qemu.kill(), POWER_DOWN_MS)
  monitor.powerDown()
  await qemu.ended
  clearInterval(button)
  clearTimeout(limit)
}

async function makeDisks({ dir, image, instance, files, metadata, publicKeys, configDrive }: GuestOptions): Promise<Machine['disks']> {
  const disks = { root: join(dir, 'root.qcow2'), data: join(dir, 'data.qcow2') }
  if (!(await exists(disks.root))) await run(['qemu-img', 'create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', image, disks.root])
  if (!(await exists(disks.data))) await run(['qemu-img', 'create', '-q', '-f', 'qcow2', disks.data, DATA_DISK])
  if (configDrive === 'none') return disks
  const config = join(dir, 'config.iso')
  await writeConfigDrive(config, {
    ...instance,
    userData: userData(files),
    publicKeys: publicKeys ?? [],
    meta: { ...metadata, trove_instance_id: instance.id },
  })
  return { ...disks, config }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
