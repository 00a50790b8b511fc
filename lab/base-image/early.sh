#!/bin/sh
# Run by mmdebstrap before the packages beyond the essential ones are unpacked ($1: the tree): what their
# maintainer scripts read. The initramfs holds the few drivers that the lab's machine has: small is quick under TCG.
set -eu
root=$1
mkdir -p "$root/etc/initramfs-tools/conf.d" "$root/usr/share/initramfs-tools/modules.d"
printf 'MODULES=list\nCOMPRESS=gzip\n' > "$root/etc/initramfs-tools/conf.d/lab"
printf 'virtio_pci\nvirtio_blk\next4\ncrc32c_generic\n' > "$root/usr/share/initramfs-tools/modules.d/lab"
