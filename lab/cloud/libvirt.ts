import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../run.ts'
import { service, type Service } from '../service.ts'
import { layCopyOver } from './own-mounts.ts'

const SETTINGS = '/etc/libvirt'
const ENV = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LANG: 'C.UTF-8' }

/** libvirt's daemon as a plain process: no systemd, no D-Bus, no virtlogd, no network of its own. Its socket is at the usual place, in our mounts. */
export async function startLibvirt(dir: string): Promise<Service> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  await layCopyOver(SETTINGS, join(dir, 'etc'))
  await rm(join(SETTINGS, 'qemu', 'networks', 'autostart'), { recursive: true, force: true })
  await writeFile(join(SETTINGS, 'libvirtd.conf'), libvirtConf())
  await writeFile(join(SETTINGS, 'qemu.conf'), qemuConf())
  const libvirt = service({
    name: 'libvirtd',
    command: ['libvirtd', '--config', join(SETTINGS, 'libvirtd.conf')],
    env: ENV,
    cwd: dir,
    log: join(dir, 'libvirtd.log'),
    ready: () => run(['virsh', '--connect', 'qemu:///system', '--quiet', 'version'], { env: ENV }).then(() => true, () => false),
    readiness: 'to answer virsh',
  })
  await libvirt.start()
  return libvirt
}

function libvirtConf(): string {
  return 'listen_tls = 0\nlisten_tcp = 0\nauth_unix_ro = "none"\nauth_unix_rw = "none"\nunix_sock_group = "root"\nlog_outputs = "3:stderr"\n'
}

/** Guests run as root, in our namespaces; without cgroups, which systemd would lend. stdio_handler: otherwise consoles are virtlogd's. */
function qemuConf(): string {
  return 'security_driver = "none"\nuser = "root"\ngroup = "root"\ndynamic_ownership = 0\nremember_owner = 0\ncgroup_controllers = [ ]\nnamespaces = [ ]\nstdio_handler = "file"\n'
}
