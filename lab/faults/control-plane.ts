import type { LabFault } from '../fault-lab/lab-fault.ts'

/** Trove's own programs, and the files that taskmanager injects. */
export const controlPlaneFaults: readonly LabFault[] = [
  {
    name: 'taskmanager-down',
    expect: ['N1'],
    from: 'none',
    host: `systemctl start trove-taskmanager
systemctl stop trove-taskmanager
python3 - "$DATABASE" "$INSTANCE" <<'PYTHON'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database:
    database.execute("update instances set compute_instance_id = null where id = ?", (sys.argv[2],))
PYTHON
systemctl start lab-create-request`,
    shows: { passed: 0 },
  },
  {
    name: 'template-wipes-injected-files',
    expect: ['N7'],
    from: 'snapshot',
    foreign: true,
    host: `mkdir cloudinit
printf '#cloud-config\\nwrite_files:\\n' > cloudinit/mysql.cloudinit
crudini --set "$TROVE_CONF" DEFAULT cloudinit_location "$PWD/cloudinit"`,
    // of two write_files keys in one mapping cloud-init sees the last: nothing is written
    guest: 'rm -f /etc/trove/conf.d/*.conf',
    shows: { guest: "journalctl -u guest-agent | grep -Eq 'Manager class not registered|guest_id parameter'", within: 180 },
    told_by: ['guest', 'machine'],
  },
  {
    name: 'usage-timeout-too-short',
    expect: ['N8'],
    from: 'snapshot',
    after: {
      once: { status: 'building', within: 240 },
      host: 'systemctl start lab-usage-timeout',
    },
    shows: { status: 'healthy', within: 300 },
    told_by: ['trove'],
  },
  {
    name: 'prepare-lost',
    expect: ['N9'],
    from: 'snapshot',
    prepare: false,
    after: { once: { console: /stage=ready state=done/, within: 240 } },
    shows: { passed: 75 },
    told_by: ['trove', 'broker', 'guest'],
  },
  {
    name: 'conductor-down',
    expect: ['J1'],
    from: 'snapshot',
    host: 'systemctl stop trove-conductor',
    shows: { console: /stage=ready state=done/, within: 240 },
    mends: 'healthy',
  },
  {
    name: 'conductor-has-another-key',
    expect: ['J2'],
    from: 'snapshot',
    host: `crudini --set "$TROVE_CONF" DEFAULT inst_rpc_key_encr_key 0123456789abcdef0123456789abcdef
systemctl restart trove-conductor`,
    after: { once: { console: /stage=ready state=done/, within: 240 } },
    shows: { guest: 'test -e /opt/trove-guestagent/.guestagent.prepare.end', within: 240 },
    told_by: ['guest'],
  },
  {
    name: 'instance-row-deleted',
    expect: ['J5'],
    from: 'snapshot',
    after: {
      once: { console: /stage=ready state=done/, within: 240 },
      host: `python3 - "$DATABASE" "$INSTANCE" <<'PYTHON'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database:
    database.execute("update instances set deleted = 1 where id = ?", (sys.argv[2],))
PYTHON`,
    },
    shows: { passed: 5 },
    told_by: ['trove'],
  },
]
