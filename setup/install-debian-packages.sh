#!/bin/sh
# install-debian-packages.sh PACKAGE... -- UNIT...: installs the packages, starts none of their services, neither now nor
# at the next boot. Runs as root, and puts right what it changed also when it is interrupted.
set -eu

policy=/usr/sbin/policy-rc.d
ours=
end() {
  if [ -n "$ours" ]; then rm -f "$policy"; fi
}
trap end EXIT
trap 'exit 130' INT TERM HUP

packages=
while [ $# -gt 0 ] && [ "$1" != -- ]; do packages="$packages $1"; shift; done
[ $# -eq 0 ] || shift

if [ ! -e "$policy" ]; then
  ours=yes
  printf '#!/bin/sh\n# temporary: written while Trovestrap installs packages\nexit 101\n' > "$policy"
  chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
dpkg --configure -a # what an interrupted installation left half done
apt-get -o DPkg::Lock::Timeout=600 update
# shellcheck disable=SC2086 # names of our own list
apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends $packages

if command -v systemctl > /dev/null; then
  for unit in "$@"; do systemctl disable --quiet "$unit" 2> /dev/null || true; done
fi
