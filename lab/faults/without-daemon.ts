import type { LabFault } from '../fault-lab/lab-fault.ts'

const agentSays = (pattern: string, within = 180) => ({ guest: `journalctl -u guest-agent | grep -Eq '${pattern}'`, within })

/** Images that start Trove's agent by a unit of their own. The console says nothing of it: SSH decides. */
export const withoutDaemonFaults: readonly LabFault[] = [
  {
    name: 'injected-owner-missing',
    expect: ['B2'],
    from: 'snapshot',
    foreign: true,
    // cloud-init itself, with the owner that Trove gives by default
    guest: `rm -f /etc/trove/conf.d/*.conf
printf 'write_files:\\n- {path: /etc/trove/conf.d/guest_info.conf, owner: "ubuntu:root", content: ""}\\n' > /opt/lab/owner.yaml
cloud-init --file /opt/lab/owner.yaml single --name write-files --frequency always || true
rm -f /etc/trove/conf.d/*.conf`,
    shows: agentSays('Manager class not registered|guest_id parameter is not set'),
    told_by: ['guest'],
  },
]
