import { join } from 'node:path'

/** What lies where in the state folder. Everything that is secret is 0600 in folders of 0700. */
export interface StateFolder {
  readonly root: string
  readonly pki: string
  /** CA's certificate: the one thing here that guests get. */
  readonly ca: string
  readonly caKey: string
  /** Key and certificate in one file, so that both change in one rename. */
  readonly server: string
  readonly signingKey: string
  /** Number of the manifest that was signed last. */
  readonly serial: string
  readonly operatorToken: string
  readonly database: string
  /** Packs of snapshots, named by their digest. */
  readonly content: string
}

/** @param root `state` of the configuration */
export function stateFolder(root: string): StateFolder {
  const pki = join(root, 'pki')
  return {
    root,
    pki,
    ca: join(pki, 'ca.pem'),
    caKey: join(pki, 'ca-key.pem'),
    server: join(pki, 'server.pem'),
    signingKey: join(pki, 'signing-key.pem'),
    serial: join(root, 'serial.json'),
    operatorToken: join(root, 'operator.token'),
    database: join(root, 'trovestrap.sqlite'),
    content: join(root, 'content'),
  }
}
