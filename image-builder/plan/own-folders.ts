import { GUEST, UNITS } from '../../contract/paths.ts'

/** Where the originals lie of files that ours took the place of; root's alone. */
export const BEFORE = `${GUEST.payload}/before`

/** Folders of nobody but us: what the daemon left in them in a guest that ran (a credential, fetched trees) is ours to take out too. */
export const OWN_FOLDERS = [GUEST.payload, '/etc/trovestrap', GUEST.state, GUEST.source, GUEST.venv, GUEST.runtime, `/run/systemd/system/${UNITS.agent}.d`] as const

/** Files that the daemon writes into other folders; the served configuration holds RabbitMQ's password. */
export const LEFT_BY_DAEMON = [GUEST.servedConfig] as const

/** Bytes of an original at most. */
export const ORIGINAL_LIMIT = 64 * 2 ** 20
