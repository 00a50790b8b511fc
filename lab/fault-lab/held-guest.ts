import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { TroveInstance } from '../control-plane.ts'
import type { Guest } from '../guest.ts'
import type { Login } from '../guest-shell.ts'
import { HOST_AS_SEEN_BY_GUESTS } from '../trove-config.ts'
import type { Scene } from '../scene.ts'
import { until } from '../until.ts'

/** Everything that boots before multi-user.target, which would start our daemon, and a way in. */
export const HELD = ['unit=basic.target', ...['cloud-init.target', 'networking.service', 'ssh.service', 'systemd-user-sessions.service', 'docker.service', 'serial-getty@ttyS0.service'].map((unit) => `wants=${unit}`)].map((word) => `systemd.${word}`).join(' ')

const BOOT_MS = 300_000
const SNAPSHOT = 'held'

/** A guest that is booted and held just before our daemon starts; from there it can be taken as often as one likes. */
export interface HeldGuest {
  readonly guest: Guest
  readonly login: Login
  /** What it said up to there. */
  readonly booted: string
  /** Back to where it was held; it stands still. */
  back(): Promise<void>
  /** On from there. @returns mark of its console */
  go(): Promise<number>
}

export async function holdGuest(scene: Scene, instance: TroveInstance, guest: Guest, wheels: string): Promise<HeldGuest> {
  const login = { user: scene.debug.user, privateKey: scene.debug.privateKey }
  await reachable(guest, login)
  const { code, stderr } = await guest.shell('sudo sh -se', login, preparation(instance, wheels, scene.host.source))
  if (code !== 0) throw new Error(`preparing the guest failed: ${stderr}`)
  await guest.save(SNAPSHOT)
  return {
    guest,
    login,
    booted: guest.console.text(),
    back: () => guest.load(SNAPSHOT),
    async go() {
      const mark = guest.console.mark()
      await guest.resume()
      return mark
    },
  }
}

export async function reachable(guest: Guest, login: Login): Promise<void> {
  await guest.console.waitFor(/login: |Reached target.*(basic|multi-user)/, { timeoutMs: BOOT_MS })
  await until('SSH to the guest', async () => ((await guest.shell('true', login).catch(() => undefined))?.code === 0 ? true : undefined), { timeoutMs: BOOT_MS, everyMs: 1000 })
}

/**
 * What spares each fault a quarter of a minute of pip under emulation, and what an image without our daemon has: Trove's tree, its unit, all
 * that Trove injects. It lies in /opt/lab, where nothing looks.
 */
function preparation(instance: TroveInstance, wheels: string, tree: string): string {
  const wheel = readdirSync(wheels).find((name) => name.endsWith('.whl'))!
  const archive = execFileSync('tar', ['-C', tree, '-czf', '-', '.'], { maxBuffer: 64 * 1024 * 1024 })
  const put = (path: string, bytes: Buffer) => `base64 -d > ${path} <<'EOF'\n${bytes.toString('base64').replace(/.{76}/g, '$&\n')}\nEOF\n`
  return `
mkdir -p /opt/lab/conf.d
${put(`/opt/lab/${wheel}`, readFileSync(join(wheels, wheel)))}
python3 -m zipfile -e /opt/lab/${wheel} /usr/lib/python3/dist-packages
${put('/opt/lab/trove.tgz', archive)}
mkdir /opt/lab/trove
tar -C /opt/lab/trove -xzf /opt/lab/trove.tgz
${instance.injected.filter(({ path }) => path.startsWith('/etc/trove/conf.d/')).map(({ path, content }) => put(path.replace('/etc/trove', '/opt/lab'), Buffer.from(content))).join('')}
cat > /opt/lab/guest-agent.service <<'EOF'
${FOREIGN_UNIT}EOF
sync
`
}

/** guest-agent.service of Trove's image elements, with this image's user and its tree at the place where the dev unit has it. */
const FOREIGN_UNIT = `[Unit]
Description=OpenStack Trove Guest Agent Service for Debian
After=network.target

[Service]
User=trove
ExecStartPre=/bin/bash -c "sudo mkdir -p /var/log/trove ; sudo chown -R trove:root /var/log/trove"
Environment=PYTHONPATH=/opt/lab/trove
ExecStart=/usr/bin/python3 -c "import sys; from trove.cmd.guest import main; sys.exit(main())" --config-dir=/etc/trove/conf.d
KillMode=mixed
Restart=always

[Install]
WantedBy=multi-user.target
`

/** Makes the image one without our daemon. */
export const WITHOUT_DAEMON = `
rm -f /etc/systemd/system/trovestrap-*.service /etc/systemd/system/multi-user.target.wants/trovestrap-guest.service
cp /opt/lab/guest-agent.service /etc/systemd/system/
cp /opt/lab/conf.d/*.conf /etc/trove/conf.d/
chown trove:root /etc/trove/conf.d/*.conf
`

export const CONTROLLER = HOST_AS_SEEN_BY_GUESTS
