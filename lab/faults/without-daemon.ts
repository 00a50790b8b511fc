import type { LabFault } from '../fault-lab/lab-fault.ts'

const agentSays = (pattern: string, within = 180) => ({ guest: `journalctl -u guest-agent | grep -Eq '${pattern}'`, within })
const UNIT = '/etc/systemd/system/guest-agent.service'

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
  { name: 'unit-user-missing', expect: ['B6'], from: 'snapshot', foreign: true, guest: `sed -i 's/^User=.*/User=ubuntu/' ${UNIT}`, shows: { guest: "systemctl show -P ExecMainStatus guest-agent | grep -q 217" }, told_by: ['guest'] },
  { name: 'controller-conf-missing', expect: ['D1'], from: 'snapshot', foreign: true, guest: `rm -f /etc/trove/controller.conf\nsed -i 's#^User=#EnvironmentFile=/etc/trove/controller.conf\\nUser=#' ${UNIT}`, shows: agentSays('Failed to load environment files'), told_by: ['guest'] },
  { name: 'start-pre-too-slow', expect: ['D8'], from: 'snapshot', foreign: true, guest: `sed -i 's#^ExecStartPre=.*#ExecStartPre=/bin/sleep 600\\nTimeoutStartSec=5#; s/^Restart=.*/Restart=on-failure\\nRestartSec=60/' ${UNIT}`, shows: agentSays('start-pre operation timed out'), told_by: ['guest'] },
  {
    name: 'required-unit-failed',
    expect: ['D9'],
    from: 'snapshot',
    foreign: true,
    guest: `printf '[Unit]\\nDescription=Trove image loader\\n[Service]\\nType=oneshot\\nExecStart=/bin/false\\n' > /etc/systemd/system/trove-image-loader.service
sed -i 's/^After=.*/After=network.target trove-image-loader.service\\nRequires=trove-image-loader.service/' ${UNIT}`,
    shows: agentSays('Dependency failed'),
    told_by: ['guest'],
  },
  { name: 'crash-loop-hits-start-limit', expect: ['E4'], from: 'snapshot', foreign: true, guest: `mv /opt/lab/trove/trove/cmd /opt/lab/cmd\nsed -i 's/^\\[Unit\\]/[Unit]\\nStartLimitIntervalSec=120/' ${UNIT}`, shows: { guest: "systemctl show -P Result guest-agent | grep -Eq 'start-limit-hit|exit-code' && journalctl -u guest-agent | grep -q 'repeated too quickly'", within: 240 }, told_by: ['guest'] },
  { name: 'guest-info-not-injected', expect: ['F1'], from: 'snapshot', foreign: true, guest: 'sed -i /guest_id/d /etc/trove/conf.d/guest_info.conf', shows: agentSays('guest_id parameter is not set'), told_by: ['guest'] },
  { name: 'no-transport-url-injected', expect: ['F3'], from: 'snapshot', foreign: true, guest: 'sed -i /transport_url/d /etc/trove/conf.d/trove-guestagent.conf', shows: agentSays('ECONNREFUSED'), told_by: ['guest'] },
  { name: 'options-of-2017', expect: ['F4'], from: 'snapshot', foreign: true, guest: 'sed -i "s#^transport_url.*#rabbit_host = 10.0.2.2\\nrabbit_userid = trove\\nrabbit_password = secret-of-nobody\\nrpc_backend = rabbit#" /etc/trove/conf.d/trove-guestagent.conf', shows: agentSays('ECONNREFUSED'), told_by: ['guest'] },
  { name: 'guest-config-not-injected', expect: ['N6'], from: 'snapshot', foreign: true, host: 'mv "$GUEST_CONFIG" "$GUEST_CONFIG.away"', guest: 'rm /etc/trove/conf.d/trove-guestagent.conf', shows: agentSays('ECONNREFUSED'), told_by: ['guest', 'machine'] },
  { name: 'agent-login-refused', expect: ['G2'], from: 'snapshot', foreign: true, host: 'printf "another-secret\\n" | rabbitmqctl --quiet change_password trove', shows: agentSays('Login was refused'), told_by: ['guest', 'broker_log'] },
]
