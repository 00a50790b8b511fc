import { existsSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'

export interface NewFile {
  readonly names: readonly string[]
  readonly state: string
  /** Of a clouds.yaml that is there; absent: none is asked. */
  readonly cloud?: { readonly name: string; readonly file: string }
}

const WHEELS = 'wheels'

/** @returns the text of a configuration file with a word on every key; values that are defaults are shown, commented out */
export function newSettingsFile({ names, state, cloud }: NewFile): string {
  return `# Configuration of Trovestrap's host. After a change: systemctl reload trovestrap-host (SIGHUP).
# Paths that are not absolute count from this file's folder.

# Names and addresses by which guests reach this host. They go into the server certificate and into images.
# After a change here: trovestrap init --renew
names: [${names.map((name) => JSON.stringify(name)).join(', ')}]

# listen:
#   address: 0.0.0.0          # all addresses of this host
#   port: 15555

# Keys, database and packs. Readable by the user of host-server alone.
state: ${JSON.stringify(state)}

# The Trove tree that guests run.
source:
  path: /opt/stack/trove
  # exclude: ['.*', '__pycache__', '*.pyc']   # gitignore patterns
  # git_ignored: false        # true: hand out what git ignores, too
  # version: "18.0.0"         # what the tree calls itself; else git describe, egg-info or PKG-INFO

# What guests get as their trove-guestagent.conf.
guest_config:
  path: /etc/trove/trove-guestagent.conf
  # trove_conf: /etc/trove/trove.conf         # compared with, so that agent and conductor meet
  # service_credentials: false                # true: hand out [service_credentials], too
  # overrides:
  #   DEFAULT:
  #     control_exchange: trove

# What the tree needs of Python, served to guests that have no internet.
# python:
#   wheels: ${state}/${WHEELS}                # folder of *.whl
#   requirements: ['passlib>=1.7.4']          # added to the tree's requirements.txt
#   constraints: /opt/stack/requirements/upper-constraints.txt

# The cloud that says whether a new instance is what it says: that it exists, is being built, and asks from its own address.
# Without it every instance waits for: trovestrap approve
${openstackSection(cloud)}

# The record of an instance goes once it was not heard of for so long (records) and its credential has ended.
# lifetimes: { token: 30d, credential: 30d, certificate: 365d, records: 90d }
# log: { level: info }        # trace, debug, info, warn, error or fatal
`
}

function openstackSection(cloud: NewFile['cloud']): string {
  const off = cloud === undefined ? '# ' : ''
  return `${off}openstack:
${off}  cloud: ${cloud?.name ?? 'devstack-admin'}     # of clouds.yaml; its user needs the role admin
${off}  clouds_file: ${cloud?.file ?? '/etc/openstack/clouds.yaml'}   # else where the openstack client looks
#   # from_environment: true  # instead of both: OS_* variables`
}

/** @returns this machine's host name and its addresses that others can reach */
export function ownNames(): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:') && !address.startsWith('169.254.'))
    .map(({ address }) => address)
  const name = hostname().toLowerCase()
  return [...new Set([...(name === '' || name === 'localhost' ? [] : [name]), ...addresses])].slice(0, 32)
}

/** Where keys and database go unless told otherwise: root's place, or one in the user's home. */
export function usualState(home: string, root: boolean): string {
  return root || existsSync('/var/lib/trovestrap') ? '/var/lib/trovestrap' : `${home}/.local/state/trovestrap`
}
