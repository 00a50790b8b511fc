import { PRELUDE } from './sections.ts'

/** A place whose host is a name or an address and nothing else: it stands in a command line. */
export interface Place {
  readonly host: string
  readonly port: number
}

const HOST = /^[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}$/
/** Each costs the guest two processes. */
const MOST = 8

export function isHost(text: string): boolean {
  return HOST.test(text)
}

/**
 * For `/bin/sh -s BOUNDARY HOST PORT …`: connections are tried side by side, two seconds each; port 0 asks for the route alone.
 * bash connects by itself; an image without it has one of the others.
 */
export const NETWORK_SCRIPT = `${PRELUDE}
main() {
  set -f
  exec 2>/dev/null
  host=
  part probes
  for one in "$@"; do
    if [ -z "$host" ]; then host=$one; continue; fi
    [ "$one" = 0 ] || probe "$host" "$one" &
    host=
  done
  wait
  part paths
  for one in "$@"; do
    if [ -z "$host" ]; then host=$one; continue; fi
    printf '%s ' "$host"
    case $host in *[!0-9.]*) case $host in *:*) ;; *) host=$(getent ahostsv4 "$host" | { read -r address rest; echo "$address"; });; esac;; esac
    if [ -z "$host" ]; then echo 'unknown name'; else ip -o route get "$host" 2>&1; fi
    host=
  done
  part end
}
probe() {
  if command -v bash >/dev/null; then said=$(timeout 2 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1)
  elif command -v nc >/dev/null; then said=$(timeout 2 nc -v -z "$1" "$2" 2>&1)
  else said=$(timeout 3 python3 -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 2)' "$1" "$2" 2>&1); fi
  echo "$1 $2 $?" $said
}
main "$@" </dev/null
`

export function networkCommand(boundary: string, places: readonly Place[]): string {
  const safe = places.filter(({ host, port }) => isHost(host) && Number.isInteger(port) && port >= 0 && port <= 65535).slice(0, MOST)
  return `exec /bin/sh -s -- ${boundary} ${safe.map(({ host, port }) => `${host} ${port}`).join(' ')}`
}
