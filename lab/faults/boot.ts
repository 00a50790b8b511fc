import { says, type LabFault } from '../fault-lab/lab-fault.ts'

/** The image, and what cloud-init does at the first boot. */
export const bootFaults: readonly LabFault[] = [
  { name: 'kernel-panic', expect: ['B1'], from: 'boot', prepare: false, boot: { kernelArguments: 'rdinit=/nonexistent root=/dev/nothing' }, shows: { console: /end Kernel panic/, within: 60 } },
  { name: 'no-config-drive', expect: ['B3'], from: 'boot', prepare: false, boot: { configDrive: 'none' }, shows: says('NO_GUEST_ID'), told_by: ['guest'] },
  {
    name: 'captured-image',
    expect: ['B4'],
    from: 'snapshot',
    guest: 'sed -i "s/^guest_id *=.*/guest_id = 7f0e5d7c-9d3b-4f3e-8a51-2d4c6b8e9f10/" /etc/trove/conf.d/guest_info.conf',
    shows: { console: /stage=ready state=done/, within: 240 },
    told_by: ['guest', 'console'],
  },
  { name: 'prepare-end-baked-in', expect: ['B5'], from: 'snapshot', prepare: false, guest: "mkdir -p /opt/trove-guestagent\ntouch -d '2026-01-01' /opt/trove-guestagent/.guestagent.prepare.end\nchown -R trove: /opt/trove-guestagent", shows: { status: 'shutdown', within: 300 }, told_by: ['trove', 'guest'] },
  { name: 'daemon-cannot-be-run', expect: ['B6'], from: 'snapshot', guest: 'chmod 644 /opt/trovestrap/bin/node', shows: { guest: 'systemctl show -P ExecMainStatus trovestrap-guest | grep -q 203' }, told_by: ['guest'] },
  { name: 'daemon-not-enabled', expect: ['B6'], from: 'snapshot', guest: 'systemctl disable --quiet trovestrap-guest', shows: { passed: 20 }, told_by: ['guest'] },
  {
    name: 'python-too-old',
    expect: ['B7'],
    from: 'snapshot',
    host: `printf '[metadata]\\nname = trove\\npython_requires = >=3.12\\n' > "$SOURCE/setup.cfg"
rm -rf "$SOURCE"/*.egg-info
systemctl reload trovestrap-host`,
    shows: says('PYTHON_TOO_OLD'),
  },
  { name: 'disk-full', expect: ['B8'], from: 'snapshot', guest: 'fallocate -l "$(( $(stat -f -c "%f * %S" /) - 8000000 ))" /var/filled', shows: says('DISK_FULL') },
  {
    name: 'out-of-memory',
    expect: ['B10'],
    from: 'snapshot',
    guest: 'mkdir -p /etc/systemd/system/trovestrap-agent.service.d\nprintf "[Service]\\nMemoryMax=24M\\nMemorySwapMax=0\\n" > /etc/systemd/system/trovestrap-agent.service.d/small.conf\nsystemctl daemon-reload',
    shows: says('AGENT_EXITED', 240),
    told_by: ['guest', 'console'],
  },
]
