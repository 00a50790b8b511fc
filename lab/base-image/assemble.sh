#!/bin/sh
# assemble.sh TREE MYSQL_TAR OUT SIZE_MIB: imports the database image into the tree's podman and makes of the tree
# OUT/base.qcow2 (GPT, ext4 "root" from 1 MiB), OUT/vmlinuz and OUT/initrd. Needs no loop device, but a mount namespace
# of its own, so that an aborted run leaves nothing mounted.
set -eu
tree=$1 tar=$2 out=$3 mib=$4

echo "importing the database image"
mv "$tar" "$tree/opt/mysql.tar"
# podman remounts its root: that has to be a mount point
mount --bind "$tree" "$tree"
mount -t proc proc "$tree/proc"
mount --rbind /sys "$tree/sys"
mount --rbind /dev "$tree/dev"
mount -t tmpfs tmpfs "$tree/run"
mount -t tmpfs tmpfs "$tree/tmp"
# the name that podman's Docker API looks up for mysql:5.7.29
chroot "$tree" podman --storage-driver overlay import --quiet \
  --change 'ENTRYPOINT ["/entrypoint-mysql.sh"]' --change 'EXPOSE 3306' /opt/mysql.tar docker.io/library/mysql:5.7.29
umount -R "$tree"
rm "$tree/opt/mysql.tar"

echo "making the disk"
cp "$tree"/boot/vmlinuz-* "$out/vmlinuz"
cp "$tree"/boot/initrd.img-* "$out/initrd"
raw=$out/disk.raw
truncate -s "${mib}M" "$raw"
# 2048 sectors before, and the 33 of the second GPT behind
echo "start=2048, size=$(( (mib - 2) * 2048 )), type=linux, name=root" | sfdisk --quiet --label gpt "$raw"
mke2fs -q -t ext4 -L root -E offset=1048576,lazy_itable_init=1,lazy_journal_init=1,nodiscard -d "$tree" "$raw" "$(( mib - 2 ))M"
qemu-img convert -q -f raw -O qcow2 -t unsafe "$raw" "$out/base.qcow2"
rm "$raw"
# run by sudo, the result belongs to who asked for it
chown "${SUDO_UID:-0}:${SUDO_GID:-0}" "$out"/base.qcow2 "$out"/vmlinuz "$out"/initrd
chmod 644 "$out"/base.qcow2 "$out"/vmlinuz "$out"/initrd
