const MARK = '# Written by: trovestrap devstack conf'

/** Whether a script is ours to write anew. */
export function isOurs(text: string): boolean {
  return text.split('\n')[1] === MARK
}

/**
 * The script that stack.sh runs at its end, as the user stack: devstack has no other place for what needs Trove's network (extras.d is passed over).
 * @param program path of `trovestrap` @param port host-server's
 */
export function localSh({ program, port }: { readonly program: string; readonly port: number }): string {
  return `#!/usr/bin/env bash
${MARK}
# Brings up host-server beside devstack. What fails here is said and does not fail stack.sh; it can be typed again by hand.

# Trove's plugin gives this host's port on trove-mgmt a security group that lets guests in at 5672, 80, 443, 8080 and 4000 alone.
if ! openstack --os-cloud trove security group rule list --ingress --protocol tcp -f value -c 'Port Range' trove-mgmt | grep -qx '${port}:${port}'; then
    openstack --os-cloud trove security group rule create --ingress --protocol tcp --dst-port ${port} trove-mgmt
fi

# Keys, configuration and unit, with this host's addresses as they are now, that on trove-mgmt among them.
sudo ${quoted(program)} install || echo 'host-server does not run yet; why is said above'
`
}

function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}
