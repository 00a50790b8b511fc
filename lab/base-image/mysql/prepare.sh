#!/bin/sh
# Run by mmdebstrap on the unpacked (never configured) tree of MariaDB ($1): what a container needs beyond files.
set -eu
# needs no maintainer script: the packages are only unpacked, which takes a third of the time
root=$1
here=$(dirname "$0")
install -m 755 "$here/entrypoint.sh" "$root/entrypoint-mysql.sh"
[ -e "$root/usr/bin/mysql" ] || ln -s mariadb "$root/usr/bin/mysql"
printf 'root:x:0:0::/root:/bin/sh\ndatabase:x:1001:1001::/:/bin/sh\n' > "$root/etc/passwd"
printf 'root:x:0:\ndatabase:x:1001:\n' > "$root/etc/group"
mkdir -p "$root/seed" "$root/var/lib/mysql" "$root/etc/mysql/conf.d" "$root/var/run/mysqld" "$root/tmp"
chmod 1777 "$root/tmp"
chroot "$root" mariadb-install-db --no-defaults --force --datadir=/seed --skip-test-db \
  --auth-root-authentication-method=normal --innodb-log-file-size=16M --user=root > /dev/null
chown -R 1001:1001 "$root/seed" "$root/var/run/mysqld"
rm -rf "$root"/usr/share/doc "$root"/usr/share/man "$root"/usr/share/locale
