import { says, type LabFault } from '../fault-lab/lab-fault.ts'

/** Between the guest and the host. */
export const networkFaults: readonly LabFault[] = [
  { name: 'no-address', expect: ['C1'], from: 'snapshot', guest: 'sleep 2\nsystemctl mask --quiet --now networking\nip link set eth0 down\nip address flush dev eth0', shows: says('NO_ADDRESS') },
  {
    name: 'broker-name-unknown',
    expect: ['C4'],
    from: 'snapshot',
    host: 'sed -i "s/@10.0.2.2:/@rabbit.internal.invalid:/" "$GUEST_CONFIG"\nsystemctl reload trovestrap-host',
    shows: says('AMQP_HOST_UNKNOWN'),
  },
  { name: 'broker-port-dropped', expect: ['C5'], from: 'snapshot', guest: 'iptables -A OUTPUT -p tcp --dport "$BROKER_PORT" -j DROP', shows: says('AMQP_SILENT') },
  {
    name: 'broker-address-is-loopback',
    expect: ['C6'],
    from: 'snapshot',
    guest: 'printf "[DEFAULT]\\ntransport_url = rabbit://trove:secret-of-nobody@127.0.0.1:5672/trove\\n" > /etc/trove/conf.d/zz-local.conf',
    shows: says('AMQP_REFUSED'),
  },
  {
    name: 'docker-bridge-overlaps',
    expect: ['C8'],
    from: 'snapshot',
    guest: 'sleep 2\nip link add docker0 type bridge\nip address add 10.0.2.1/30 dev docker0\nip link set docker0 up',
    shows: says('(HOST_SILENT|NO_ROUTE)'),
  },
  { name: 'host-server-down', expect: ['D2'], from: 'snapshot', host: 'systemctl stop trovestrap-host', shows: says('HOST_REFUSED'), mends: 'ready', told_by: ['machine'] },
  {
    name: 'token-revoked',
    expect: ['D3'],
    from: 'snapshot',
    host: 'trovestrap token list --json | grep -o \'"id": *"[a-z0-9]*"\' | cut -d\'"\' -f4 | while read -r id; do trovestrap token revoke "$id"; done',
    shows: says('TOKEN_REFUSED'),
  },
  {
    name: 'enrolled-with-another-key',
    expect: ['D3'],
    from: 'snapshot',
    host: `python3 - "$STATE/trovestrap.sqlite" "$INSTANCE" <<'PYTHON'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database:
    database.execute("insert into instances (id, key, enrolled, expires, address, last_seen) values (?, ?, '2026-11-01T00:00:00.000Z', '2099-01-01T00:00:00.000Z', '10.0.2.15', '2026-11-01T00:00:00.000Z')", (sys.argv[2], "0" * 64))
PYTHON`,
    shows: says('INSTANCE_TAKEN'),
    mends: 'ready',
  },
  { name: 'source-gone', expect: ['D4'], from: 'snapshot', host: 'rm -rf "$SOURCE"\nsystemctl restart trovestrap-host || true', shows: says('HOST_REFUSED'), told_by: ['machine'] },
  { name: 'another-ca-in-the-image', expect: ['D5'], from: 'snapshot', guest: 'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /dev/null -out /etc/trovestrap/ca.pem -subj /CN=another -days 30 2> /dev/null', shows: says('HOST_UNTRUSTED') },
  {
    name: 'certificate-without-the-name',
    expect: ['D5'],
    from: 'snapshot',
    host: `sed -i 's/- 10.0.2.2/- 192.0.2.77/' "$TROVESTRAP_YAML"
trovestrap init --renew
sed -i 's/- 192.0.2.77/- 10.0.2.2/' "$TROVESTRAP_YAML"
systemctl restart trovestrap-host`,
    shows: says('HOST_CERTIFICATE_NAME'),
    mends: 'ready',
  },
  { name: 'clock-ten-years-off', expect: ['D6'], from: 'snapshot', guest: "date -s '+10 years' > /dev/null", shows: says('CLOCK_OFF') },
  {
    name: 'content-damaged',
    expect: ['D7'],
    from: 'snapshot',
    host: `systemctl stop trovestrap-host
systemctl start trovestrap-host
for pack in "$STATE"/content/*; do printf 'damaged' | dd of="$pack" bs=1 seek=1000 conv=notrunc status=none; done`,
    shows: says('(CONTENT_DIFFERS|HOST_ANSWER_INVALID|UNEXPECTED)'),
    mends: 'ready',
  },
  {
    name: 'older-revision-runs',
    expect: ['D12'],
    from: 'snapshot',
    prepare: false,
    after: { once: { console: /stage=ready state=done/, within: 240 }, host: 'printf "# a change\\n" >> "$SOURCE/trove/version.py"\nsystemctl reload trovestrap-host' },
    shows: { passed: 5 },
    told_by: ['record'],
  },
]
