import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { writeBeside } from '../../host-server/pki/write-beside.ts'
import { HostError } from '../host-error.ts'

// Root loads what stands here: nothing else may come out of it than these.
const Address = Type.String({ pattern: '^[0-9]{1,3}([.][0-9]{1,3}){3}$' })
const Network = Type.String({ pattern: '^[0-9]{1,3}([.][0-9]{1,3}){3}/[0-9]{1,2}$' })
const Interface = Type.String({ pattern: '^[A-Za-z0-9_.@:-]{1,15}$' })
const Port = Type.Integer({ minimum: 1, maximum: 65535 })

const Exposure = Type.Object({
  /** Trove's id of the instance. */
  instance: Type.String({ pattern: '^[0-9a-f-]{36}$' }),
  /** This host's address and port, where clients knock. */
  address: Address,
  port: Port,
  /** The instance's. */
  to: Type.Object({ address: Address, port: Port }),
})
/** A database that is reached through this host. */
export type Exposure = Static<typeof Exposure>

const FirewallState = Type.Object({
  /** What `firewall apply` opened, and with what. */
  opened: Type.Optional(Type.Object({ backend: Type.Enum(['nftables', 'firewalld', 'ufw']), guests: Type.Array(Network), outbound: Interface, ports: Type.Array(Port) })),
  exposed: Type.Array(Exposure),
  /** What net.ipv4.ip_forward was before it was switched on here; absent where it was on. */
  ip_forward_before: Type.Optional(Type.String({ pattern: '^[0-9]$' })),
  /** Digests of the table as it was asked for, and as nft listed it once it was loaded: so a change by another hand is noticed. */
  table: Type.Optional(Type.Object({ asked: Type.String(), listed: Type.String() })),
})
/** What this host has to know to put the firewall back, after a reboot or for good. */
export type FirewallState = Static<typeof FirewallState>

export const NOTHING: FirewallState = { exposed: [] }

/**
 * Beside the state folder and not in it: that one is host-server's, and root believes what stands here.
 * @param folder the state folder of the configuration
 */
export function stateFile(folder: string): string {
  return `${folder}-firewall.json`
}

/** @throws HostError when it is there and cannot be read */
export function readState(folder: string): FirewallState {
  const file = stateFile(folder)
  let text
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING
    throw new HostError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}; it tells what was opened here\n  sudo trovestrap firewall plan`, 'failed', { cause: error })
  }
  const value = parse(text)
  if (Value.Check(FirewallState, value)) return value
  throw new HostError(`${file} is not what trovestrap wrote there; nothing tells what was opened here, or how the host was before\n  nft list table inet trovestrap\n  rm ${file}; trovestrap firewall apply`)
}

/** Readable by its owner alone; gone where there is nothing to remember. @throws HostError */
export function writeState(folder: string, state: FirewallState): void {
  const file = stateFile(folder)
  try {
    if (state.opened === undefined && state.exposed.length === 0) return rmSync(file, { force: true })
    mkdirSync(dirname(file), { recursive: true })
    writeBeside(file, `${JSON.stringify(state, null, 2)}\n`)
  } catch (error) {
    throw new HostError(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code}`, 'failed', { cause: error })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
