#!/bin/sh
# Run by mmdebstrap on the finished package tree ($1): accounts, units that a guest does not need, leftovers of the build.
set -eu
root=$1

# modes by umask, not as git happened to check the files out
umask 022
cp -r --no-preserve=mode,ownership "$(dirname "$0")/files/." "$root/"
# docker.socket belongs to this group; the user of that name comes with the built image
chroot "$root" groupadd --system trove
chroot "$root" systemctl enable docker.socket docker.service
# what runs on its own clock competes with the guest's boot for the emulated processor
chroot "$root" systemctl mask --quiet apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service \
  fstrim.timer dpkg-db-backup.timer podman.socket podman.service podman-auto-update.timer podman-auto-update.service podman-restart.service \
  systemd-pstore.service
# udev activates logical volumes as they appear; lvm2's own units watch mirrors and snapshots, which nobody here has
chroot "$root" systemctl mask --quiet lvm2-monitor.service lvm2-lvmpolld.socket dm-event.socket blk-availability.service
# all that Trove injects is written by cloud-init's first two stages; the others cost 9 s of an emulated processor
chroot "$root" systemctl mask --quiet cloud-config.service cloud-final.service
# file systems and modules that nobody in the guest uses: each costs a fork or a modprobe before anything else starts
chroot "$root" systemctl mask --quiet sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount dev-hugepages.mount \
  modprobe@configfs.service modprobe@drm.service modprobe@dm_mod.service modprobe@loop.service modprobe@efi_pstore.service \
  systemd-repart.service systemd-binfmt.service proc-sys-fs-binfmt_misc.automount
chroot "$root" systemctl set-default --quiet multi-user.target
rm -f "$root"/etc/ssh/ssh_host_* "$root"/etc/machine-id
: > "$root/etc/machine-id"
echo guest > "$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 guest\n::1 localhost ip6-localhost\n' > "$root/etc/hosts"
printf 'LABEL=root / ext4 defaults,noatime 0 1\n' > "$root/etc/fstab"
rm -rf "$root"/var/log/*.log "$root"/var/log/apt
