/** Variables that are still read, as of devstack 493835a (July 2026) and Trove's plugin, and mean what they meant in 2017. */
const KEPT = new Set(
  `API_WORKERS CINDER_ENABLED_BACKENDS DATABASE_HOST DATABASE_TYPE DATABASE_USER DATA_DIR DEST DOWNLOAD_DEFAULT_IMAGES ENABLE_DEBUG_LOG_LEVEL
  ENABLE_TENANT_TUNNELS ENABLE_TENANT_VLANS ERROR_ON_CLONE FIXED_RANGE FLOATING_RANGE FORCE FORCE_CONFIG_DRIVE GIT_DEPTH GLANCE_HOSTPORT
  HOST_IPV6 HOST_IP_IFACE IMAGE_URLS INSTALL_TEMPEST INSTANCE_NAME_PREFIX IPV4_ADDRS_SAFE_TO_USE IP_VERSION LIBVIRT_CPU_MODE LIBVIRT_TYPE
  LOGDAYS LOGDIR LOGFILE LOG_COLOR MYSQL_HOST MYSQL_USER NETWORK_GATEWAY NEUTRON_CREATE_INITIAL_NETWORKS NOVA_VNC_ENABLED NOVNCPROXY_URL OFFLINE
  OVS_BRIDGE_MAPPINGS OVS_PHYSICAL_BRIDGE PHYSICAL_NETWORK PIP_UPGRADE PREREQ_RERUN_HOURS PRIVATE_NETWORK_NAME PUBLIC_BRIDGE PUBLIC_INTERFACE
  PUBLIC_NETWORK_GATEWAY PUBLIC_NETWORK_NAME Q_DVR_MODE Q_FLOATING_ALLOCATION_POOL Q_HOST Q_PLUGIN Q_USE_PROVIDERNET_FOR_PUBLIC Q_USE_SECGROUP
  RABBIT_HOST RABBIT_USERID RECLONE REGION_NAME SERVICE_HOST SERVICE_PROTOCOL SERVICE_TIMEOUT STACK_USER SUBNETPOOL_PREFIX_V4 SWIFT_DATA_DIR
  SWIFT_LOOPBACK_DISK_SIZE SWIFT_MAX_FILE_SIZE SYSLOG TENANT_VLAN_RANGE VERBOSE VIRT_DRIVER VNCSERVER_LISTEN VNCSERVER_PROXYCLIENT_ADDRESS
  VOLUME_BACKING_FILE_SIZE VOLUME_GROUP_NAME http_proxy https_proxy no_proxy
  AMQP_PORT REGISTRY_PORT TROVE_AGENT_CALL_HIGH_TIMEOUT TROVE_AGENT_CALL_LOW_TIMEOUT TROVE_BUILD_BACKUP_IMAGES TROVE_COMMAND_PROCESS_TIMEOUT
  TROVE_CONF_DIR TROVE_DATASTORE_TYPE TROVE_DATASTORE_VERSION TROVE_DIR TROVE_EMBED_DATASTORE_IMAGES TROVE_IMAGE_OS TROVE_IMAGE_OS_RELEASE
  TROVE_MAX_ACCEPTED_VOLUME_SIZE TROVE_MAX_INSTANCES_PER_TENANT TROVE_MAX_VOLUMES_PER_TENANT TROVE_MGMT_GATEWAY TROVE_MGMT_NETWORK_NAME
  TROVE_MGMT_SUBNET_RANGE TROVE_NON_DEV_IMAGE_URL TROVE_RESIZE_TIME_OUT TROVE_STATE_CHANGE_WAIT_TIME TROVE_USAGE_TIMEOUT`.split(/\s+/),
)

const OVN = 'devstack sets Neutron up with OVN unless told otherwise, and stack.sh ends where this leaves OVN out'
const SCREEN = 'services run under systemd (journalctl -u devstack@n-api), and no longer in screen'
const NOVA_NETWORK = 'nova-network is no more'
const KEYSTONE = 'Keystone is always a WSGI application with the v3 API'

const GONE: Readonly<Record<string, string>> = {
  USE_SCREEN: SCREEN,
  SCREEN_LOGDIR: SCREEN,
  SCREEN_NAME: SCREEN,
  FLAT_INTERFACE: NOVA_NETWORK,
  FIXED_NETWORK_SIZE: NOVA_NETWORK,
  MULTI_HOST: NOVA_NETWORK,
  VLAN_INTERFACE: NOVA_NETWORK,
  NETWORK_MANAGER: NOVA_NETWORK,
  Q_AGENT: OVN,
  Q_ML2_PLUGIN_MECHANISM_DRIVERS: OVN,
  Q_ML2_PLUGIN_TYPE_DRIVERS: OVN,
  Q_ML2_TENANT_NETWORK_TYPE: OVN,
  Q_USE_DEBUG_COMMAND: 'Neutron has no such command any more',
  Q_L3_ENABLED: OVN,
  SERVICE_TOKEN: "Keystone's admin token is no more; SERVICE_PASSWORD, above, is what services log in with",
  KEYSTONE_CATALOG_BACKEND: 'Keystone keeps its catalogue in the database',
  KEYSTONE_USE_MOD_WSGI: KEYSTONE,
  ENABLE_IDENTITY_V2: KEYSTONE,
  USE_SSL: 'TLS is the service tls-proxy: enable_service tls-proxy',
  API_RATE_LIMIT: 'Nova limits no rates any more',
  USE_PYTHON3: 'everything is Python 3',
  PIP_USE_MIRRORS: 'pip knows no mirrors any more',
  HEAT_STANDALONE: 'Heat left devstack for a plugin of its own',
  CEILOMETER_BACKEND: 'Ceilometer left devstack for a plugin of its own',
  TERMINATE_TIMEOUT: 'the exercises are gone',
}

/** In our own part, above what is taken over. */
const OURS = new Set(['HOST_IP', 'ADMIN_PASSWORD', 'DATABASE_PASSWORD', 'MYSQL_PASSWORD', 'RABBIT_PASSWORD', 'SERVICE_PASSWORD', 'SWIFT_HASH', 'SWIFT_REPLICAS', 'TROVE_BRANCH', 'TROVE_REPO', 'TROVE_CLIENT_BRANCH', 'TROVE_DASHBOARD_BRANCH', 'TROVE_DASHBOARD_DIR', 'TROVE_ENABLE_IMAGE_BUILD', 'TROVE_ENABLE_LOCAL_REGISTRY', 'TROVE_DATASTORES'])

export const SET_ABOVE = 'set above'

/** Why an assignment is left out; undefined where it stays; `unknown` where nothing here knows the variable. */
export function whyNot(variable: string, value: string): string | 'unknown' | undefined {
  if (OURS.has(variable)) return SET_ABOVE
  if (Object.hasOwn(GONE, variable)) return GONE[variable]
  if (variable === 'KEYSTONE_TOKEN_FORMAT') return /^["']?fernet["']?$/i.test(value) ? undefined : 'Keystone makes Fernet tokens; uuid and pki are no more'
  if (variable === 'GIT_BASE') return /git\.openstack\.org/.test(value) ? 'git.openstack.org is now opendev.org, which is the default' : undefined
  if (/_BRANCH$/.test(variable)) return whyNotBranch(value)
  if (/_REPO$/.test(variable)) return undefined
  return KEPT.has(variable) ? undefined : 'unknown'
}

/** Releases that have a letter and no year ended as `stable/`: what is left of some is called `unmaintained/` or is a tag. */
export function whyNotBranch(branch: string): string | undefined {
  return /^["']?stable\/[a-z]+["']?$/.test(branch) ? 'there is no such branch any more; today they are called stable/YEAR.1 and stable/YEAR.2' : undefined
}
