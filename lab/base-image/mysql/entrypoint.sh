#!/bin/bash
# Stands for the mysql image's docker-entrypoint: the arguments are mysqld's, MYSQL_ROOT_PASSWORD is in the environment,
# and it runs as Trove's database_service_uid. MariaDB 10.11 plays MySQL: what it refuses of Trove's mysql template is dropped.
set -e
DATADIR=/var/lib/mysql/data
EXTRA=()
for a in "$@"; do
  case $a in
    --datadir=*) DATADIR=${a#--datadir=} ;;
    --ignore-db-dir=*) ;;
    *) EXTRA+=("$a") ;;
  esac
done
CNF=$(mktemp /tmp/mysql.XXXXXX)
cat /etc/mysql/my.cnf /etc/mysql/conf.d/*.cnf 2>/dev/null | sed -E \
  -e '/^(secure-file-priv|default_authentication_plugin|innodb_log_files_in_group|basedir|!includedir)/d' \
  -e 's#^innodb_(buffer_pool_size|log_file_size).*#innodb_\1 = 16M#' \
  -e 's/^performance_schema.*/performance_schema = OFF/' > "$CNF"
if [ ! -d "$DATADIR/mysql" ]; then
  # a data directory made when the image was built: mariadb-install-db takes a minute under TCG
  mkdir -p "$DATADIR"
  cp -r /seed/. "$DATADIR/"
  INIT=$(mktemp /tmp/mysql.XXXXXX)
  printf "ALTER USER root@localhost IDENTIFIED BY '%s';\n" "${MYSQL_ROOT_PASSWORD//\'/\'\'}" > "$INIT"
  EXTRA+=(--init-file="$INIT")
fi
exec mariadbd --defaults-file="$CNF" --datadir="$DATADIR" --socket=/var/run/mysqld/mysqld.sock \
  --pid-file=/var/run/mysqld/mysqld.pid --bind-address=0.0.0.0 --skip-name-resolve --character-set-server=utf8mb4 "${EXTRA[@]}"
