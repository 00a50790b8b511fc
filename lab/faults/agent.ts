import { says, type LabFault } from '../fault-lab/lab-fault.ts'

const EXITED = says('AGENT_EXITED', 300)
const READY = { console: /stage=ready state=done/, within: 300 } as const
const reload = 'systemctl reload trovestrap-host'

/** The agent's configuration, its start, and what prepare does. */
export const agentFaults: readonly LabFault[] = [
  { name: 'datastore-manager-unknown', expect: ['F2'], from: 'snapshot', guest: 'sed -i "s/^datastore_manager *=.*/datastore_manager = mysqueel/" /etc/trove/conf.d/guest_info.conf', shows: EXITED },
  { name: 'no-transport-url', expect: ['F3'], from: 'snapshot', host: 'crudini --del "$GUEST_CONFIG" DEFAULT transport_url\nsystemctl restart trovestrap-host || true', shows: says('HOST_REFUSED'), told_by: ['machine'] },
  { name: 'other-control-exchange', expect: ['F5'], from: 'snapshot', host: 'crudini --set "$GUEST_CONFIG" DEFAULT control_exchange openstack\nsystemctl restart trovestrap-host || true', shows: says('HOST_REFUSED'), told_by: ['machine'], mends: 'ready' },
  { name: 'config-unreadable', expect: ['F6'], from: 'snapshot', guest: 'printf "no section = above\\n" > /etc/trove/conf.d/20-local.conf', shows: says('CONFIG_INVALID') },
  { name: 'log-folder-missing', expect: ['F7'], from: 'snapshot', host: `crudini --set "$GUEST_CONFIG" DEFAULT log_file /var/log/nosuch/trove-guestagent.log\n${reload}`, shows: EXITED, mends: 'ready' },
  { name: 'password-not-escaped', expect: ['F8'], from: 'snapshot', guest: 'printf "[DEFAULT]\\ntransport_url = rabbit://trove:pass#word@10.0.2.2:5672/trove\\n" > /etc/trove/conf.d/zz-local.conf', shows: says('TRANSPORT_URL_INVALID') },
  { name: 'overriding-file', expect: ['F9'], from: 'snapshot', guest: 'printf "[DEFAULT]\\ntransport_url = rabbit://trove:secret-of-nobody@10.0.2.2:%s/trove\\n" "$PORT2" > /etc/trove/conf.d/zz-local.conf', shows: says('AMQP_REFUSED') },
  { name: 'data-device-missing', expect: ['H1'], from: 'snapshot', host: `crudini --set "$GUEST_CONFIG" mysql device_path /dev/vdz\n${reload}`, shows: EXITED, mends: 'ready' },
  { name: 'mkfs-fails', expect: ['H2'], from: 'snapshot', guest: 'for ext in ext3 ext4; do rm -f /sbin/mkfs.$ext; printf "#!/bin/sh\\necho cannot write to the device >&2\\nexit 1\\n" > /sbin/mkfs.$ext; chmod 755 /sbin/mkfs.$ext; done', shows: EXITED, told_by: ['guest'] },
  { name: 'database-uid-taken', expect: ['H3'], from: 'snapshot', guest: 'useradd -u 1001 -m somebody', shows: EXITED },
  { name: 'sudo-broken', expect: ['H4'], from: 'snapshot', guest: 'rm /etc/sudoers.d/trovestrap-agent', shows: EXITED },
  {
    name: 'registry-login-fails',
    expect: ['H5'],
    from: 'snapshot',
    host: `crudini --set "$GUEST_CONFIG" guest_agent container_registry 10.0.2.2:9
crudini --set "$GUEST_CONFIG" guest_agent container_registry_username somebody
crudini --set "$GUEST_CONFIG" guest_agent container_registry_password secret-of-nobody
${reload}`,
    shows: EXITED,
  },
  { name: 'container-engine-down', expect: ['H6'], from: 'snapshot', guest: 'systemctl mask --now docker.socket docker.service\nrm -f /run/docker.sock', shows: EXITED },
  { name: 'image-unknown', expect: ['I3'], from: 'snapshot', host: `crudini --set "$GUEST_CONFIG" mysql docker_image registry.internal.invalid/mysql\n${reload}`, after: { once: READY }, shows: { status: 'failed to spawn', within: 240 }, told_by: ['guest', 'trove'] },
  { name: 'container-dies', expect: ['I5'], from: 'snapshot', prepare: { config: '\n[mysqld]\nno_such_option_of_any_release = 1\n' }, host: `crudini --set "$GUEST_CONFIG" DEFAULT state_change_wait_time 40\n${reload}`, after: { once: READY }, shows: { status: 'failed to spawn', within: 420 }, told_by: ['guest'] },
  { name: 'rpc-version-unknown', expect: ['I7'], from: 'snapshot', prepare: { version: '2.0' }, after: { once: READY }, shows: { guest: "journalctl -u trovestrap-agent | grep -q 'does not support RPC version'", within: 120 }, told_by: ['guest', 'trove_logs'] },
  { name: 'rpc-key-differs', expect: ['I8'], from: 'snapshot', guest: 'sed -i "s/^instance_rpc_encr_key *=.*/instance_rpc_encr_key = 0123456789abcdef0123456789abcdef/" /etc/trove/conf.d/guest_info.conf', after: { once: READY }, shows: { passed: 30 }, told_by: ['guest'] },
  {
    name: 'agent-fails-after-ready',
    expect: ['E4'],
    from: 'snapshot',
    prepare: false,
    after: { once: READY, guest: 'mv /usr/lib/python3/dist-packages/eventlet /opt/lab/\nsystemctl kill --signal=KILL trovestrap-agent' },
    shows: { console: /code=AGENT_FAILED .*ModuleNotFoundError/, within: 200 },
  },
]
