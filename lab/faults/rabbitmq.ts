import { says, type LabFault } from '../fault-lab/lab-fault.ts'

const reload = 'systemctl reload trovestrap-host'

/** A TLS listener at $PORT, with a certificate for `name`; ca.pem is what it is signed with. @param name such as IP:10.0.2.2 */
const tlsListener = (name: string) => `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.pem -subj /CN=lab-ca -days 30 2> /dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout server.key -out server.csr -subj /CN=broker 2> /dev/null
printf 'subjectAltName=${name}\\n' > server.ext
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile server.ext -out server.pem 2> /dev/null
rabbitmqctl --quiet eval "application:ensure_all_started(ssl), rabbit_networking:start_ssl_listener({\\"127.0.0.1\\", $PORT, auto}, [{cacertfile,\\"$PWD/ca.pem\\"},{certfile,\\"$PWD/server.pem\\"},{keyfile,\\"$PWD/server.key\\"}], 1)." > /dev/null
sed -i "s/:$BROKER_PORT/:$PORT/" "$GUEST_CONFIG"`

const SSL = `crudini --set "$GUEST_CONFIG" oslo_messaging_rabbit ssl true
crudini --set "$GUEST_CONFIG" oslo_messaging_rabbit ssl_ca_file /etc/trove/rabbitmq-ca.pem`
const OTHER_CA = 'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /dev/null -out /etc/trove/rabbitmq-ca.pem -subj /CN=another -days 30 2> /dev/null\nchmod 644 /etc/trove/rabbitmq-ca.pem'

/** The broker. */
export const rabbitmqFaults: readonly LabFault[] = [
  { name: 'broker-down', expect: ['G1'], from: 'snapshot', host: 'systemctl stop rabbitmq-server', shows: says('AMQP_REFUSED'), mends: 'ready' },
  { name: 'login-refused', expect: ['G2'], from: 'snapshot', host: 'printf "another-secret\\n" | rabbitmqctl --quiet change_password trove', shows: says('AMQP_LOGIN_REFUSED'), mends: 'ready' },
  { name: 'vhost-not-permitted', expect: ['G3'], from: 'snapshot', host: 'rabbitmqctl --quiet clear_permissions -p trove trove', shows: says('AMQP_VHOST_REFUSED'), mends: 'ready' },
  {
    name: 'vhost-missing',
    expect: ['G3'],
    from: 'snapshot',
    host: `sed -i 's#/trove$#/nosuch#' "$GUEST_CONFIG"
crudini --set "$TROVE_CONF" DEFAULT transport_url "$(crudini --get "$TROVE_CONF" DEFAULT transport_url | sed 's#/trove$#/nosuch#')"
${reload}`,
    shows: says('AMQP_VHOST_NOT_FOUND'),
    mends: 'ready',
  },
  { name: 'no-configure-permission', expect: ['G4'], from: 'snapshot', host: "rabbitmqctl --quiet set_permissions -p trove trove '^$' '.*' '.*'", shows: says('AMQP_PERMISSION'), mends: 'ready' },
  { name: 'ssl-against-a-plain-port', expect: ['G6'], from: 'snapshot', guest: 'printf "[oslo_messaging_rabbit]\\nssl = true\\n" > /etc/trove/conf.d/zz-ssl.conf', shows: says('AMQP_NOT_TLS') },
  { name: 'plain-against-an-ssl-port', expect: ['G6'], from: 'snapshot', host: `${tlsListener('IP:10.0.2.2')}\n${reload}`, shows: says('AMQP_TLS_EXPECTED') },
  { name: 'broker-ca-unknown', expect: ['G7'], from: 'snapshot', host: `${tlsListener('IP:10.0.2.2')}\n${SSL}\n${reload}`, guest: OTHER_CA, shows: says('AMQP_UNTRUSTED') },
  { name: 'broker-ca-file-missing', expect: ['G7'], from: 'snapshot', host: `${tlsListener('IP:10.0.2.2')}\n${SSL}\n${reload}`, shows: says('AMQP_CA_MISSING') },
  { name: 'durable-differs', expect: ['G9'], from: 'snapshot', host: `crudini --set "$GUEST_CONFIG" oslo_messaging_rabbit amqp_durable_queues true\n${reload}`, shows: says('AMQP_(EXCHANGE|QUEUE)_DIFFERS'), mends: 'ready' },
  { name: 'quorum-differs', expect: ['G9'], from: 'snapshot', host: 'crudini --set "$GUEST_CONFIG" oslo_messaging_rabbit rabbit_quorum_queue true\nsystemctl restart trovestrap-host || true', shows: says('HOST_REFUSED'), told_by: ['machine'], mends: 'ready' },
  { name: 'memory-alarm', expect: ['G11'], from: 'snapshot', host: 'rabbitmqctl --quiet set_vm_memory_high_watermark absolute 1MB', shows: says('AMQP_BLOCKED'), mends: 'ready' },
  {
    name: 'port-says-nothing',
    expect: ['G12'],
    from: 'snapshot',
    host: `python3 - "$PORT" <<'PYTHON' > /dev/null 2>&1 &
import socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
taken = []
server.settimeout(1)
end = time.time() + 180
while time.time() < end:
    try:
        taken.append(server.accept())
    except TimeoutError:
        pass
PYTHON
sed -i "s/:$BROKER_PORT/:$PORT/" "$GUEST_CONFIG"
${reload}`,
    shows: says('AMQP_SILENT'),
  },
  {
    name: 'another-broker-for-guests',
    expect: ['G14'],
    from: 'snapshot',
    host: `rabbitmqctl --quiet add_vhost guests
rabbitmqctl --quiet set_permissions -p guests trove '.*' '.*' '.*'
sed -i 's#/trove$#/guests#' "$GUEST_CONFIG"
systemctl restart trovestrap-host || true`,
    shows: says('HOST_REFUSED'),
    told_by: ['machine'],
    mends: 'ready',
  },
]
