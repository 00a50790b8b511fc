/** What our part of a local.conf says; see `ownPart`. */
export interface Wish {
  readonly hostIp: string
  /** Values by name: the four of PASSWORDS and SWIFT_HASH, each as bash has it (`$ADMIN_PASSWORD` too). */
  readonly secrets: ReadonlyMap<string, string>
  /** Of Trove, its client and its dashboard: `master`, `stable/2026.1`. */
  readonly branch: string
  /** host-server's port, which the script beside the file opens. */
  readonly port: number
}

/**
 * Our part of the localrc section. Names as devstack 493835a and Trove's plugin 4cdc0cda have them (devstack/settings, devstack/plugin.sh).
 */
export function ownPart({ hostIp, secrets, branch, port }: Wish): string[] {
  return `# The address of this host's default route. Guests are told it as CONTROLLER (controller.conf).
HOST_IP=${hostIp}

# stack.sh asks for each of these that is missing, and waits. Letters and digits alone: they stand in URLs.
${[...secrets].map(([name, value]) => `${name}=${value}`).join('\n')}

# Trove: trove-api, trove-taskmanager, trove-conductor, and the network trove-mgmt between this host and guests.
enable_plugin trove https://opendev.org/openstack/trove ${branch}
# Its panels in Horizon. Trove's plugin copies them from this folder and does not say itself where it is.
enable_plugin trove-dashboard https://opendev.org/openstack/trove-dashboard ${branch}
TROVE_DASHBOARD_DIR=$DEST/trove-dashboard
TROVE_DASHBOARD_BRANCH=${branch}
# Its client, \`openstack database …\`, from git. Without this line it comes from PyPI, as the dashboard needs it.
LIBS_FROM_GIT=python-troveclient
TROVE_CLIENT_BRANCH=${branch}

# Swift keeps backups. One copy is enough on one host. SWIFT_HASH, above, keeps stack.sh from asking.
enable_service s-proxy s-object s-container s-account
SWIFT_REPLICAS=1

# Guest images come from: trovestrap image build, trovestrap image publish. Trove's own build takes long, and puts this host's SSH key into them.
TROVE_ENABLE_IMAGE_BUILD=false
# Guests on trove-mgmt have no way to the internet: they pull the database's container from this host, port 4000.
TROVE_ENABLE_LOCAL_REGISTRY=True
# What is pulled into it. The plugin's own list: "mysql:8.4 mariadb:11.4 postgresql:18"
TROVE_DATASTORES="mysql:8.4"

# host-server, port ${port}, is brought up by local.sh beside this file: stack.sh runs it at its end, once trove-mgmt is there.`.split('\n')
}
