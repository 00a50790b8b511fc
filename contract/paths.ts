/** Where things lie in a guest. Builder, daemon and units agree here and nowhere else. */
export const GUEST = {
  payload: '/opt/trovestrap',
  node: '/opt/trovestrap/bin/node',
  bundle: '/opt/trovestrap/guest-bootstrap.mjs',
  config: '/etc/trovestrap/guest.json',
  ca: '/etc/trovestrap/ca.pem',
  /** The bootstrap token where the cloud injects it: `id.secret` and nothing else. Mode 0600; wins over the image's own. */
  token: '/etc/trovestrap/token',
  /** Wheels that came with the image; pip looks there first. */
  wheelhouse: '/opt/trovestrap/wheels',
  /** What the builder wrote down about itself: versions, digests, base image. Not secret. */
  buildRecord: '/opt/trovestrap/build.json',
  /** The daemon's memory across boots: credential, digests. root, 0700. */
  state: '/var/lib/trovestrap',
  /** What was verified: a manifest for each tree, `REVISION.json`. */
  manifests: '/var/lib/trovestrap/manifests',
  runtime: '/run/trovestrap',
  /** Verified source trees, one folder a revision, and `current`, the link that is swapped. */
  source: '/var/lib/trove/source',
  currentSource: '/var/lib/trove/source/current',
  /** A venv over the system's packages, for images whose Python is externally managed (PEP 668). */
  venv: '/var/lib/trove/venv',
  /** The venv that Trove's own image elements make. */
  imageVenv: '/opt/guest-agent-venv',
  confDir: '/etc/trove/conf.d',
  /** Sorts after guest_info.conf and trove-guestagent.conf, so with --config-dir it wins. */
  servedConfig: '/etc/trove/conf.d/trovestrap.conf',
  guestInfo: ['/etc/trove/conf.d/guest_info.conf', '/etc/guest_info'],
  controllerConf: '/etc/trove/controller.conf',
  console: '/dev/console',
} as const

export const UNITS = {
  guest: 'trovestrap-guest.service',
  agent: 'trovestrap-agent.service',
  /** Tells of an agent that has ended after it was heard. */
  agentFailed: 'trovestrap-agent-failed.service',
  /** Keeps the credential of a guest that runs for months, and what starts it. */
  renew: 'trovestrap-renew.service',
  renewTimer: 'trovestrap-renew.timer',
  host: 'trovestrap-host.service',
} as const

/** Units by which images start their own agent; ours takes their place. */
export const FOREIGN_AGENT_UNITS = [
  'guest-agent.service',
  'trove-guestagent.service',
  'openstack-trove-guestagent.service',
  'trove-guest.service',
] as const

/** host-server's port unless configured otherwise. */
export const DEFAULT_PORT = 15555
