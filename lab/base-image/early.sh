#!/bin/sh
# Run by mmdebstrap before the packages beyond the essential ones are unpacked ($1: the tree): what their
# maintainer scripts read. The initramfs holds the few drivers that the lab's machine has: small is quick under TCG.
set -eu
root=$1
mkdir -p "$root/etc/initramfs-tools/conf.d" "$root/etc/initramfs-tools/hooks" "$root/usr/share/initramfs-tools/modules.d"
printf 'MODULES=list\nCOMPRESS=gzip\n' > "$root/etc/initramfs-tools/conf.d/lab"
printf 'virtio_pci\nvirtio_blk\next4\ncrc32c_generic\n' > "$root/usr/share/initramfs-tools/modules.d/lab"
# there for a root on XFS, but not loaded at each boot as the modules above are
printf '#!/bin/sh\n[ "$1" != prereqs ] || exit 0\n. /usr/share/initramfs-tools/hook-functions\nmanual_add_modules xfs\n' > "$root/etc/initramfs-tools/hooks/lab"
chmod 755 "$root/etc/initramfs-tools/hooks/lab"
