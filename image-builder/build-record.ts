import { Type } from 'typebox'

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })

/** /opt/trovestrap/build.json: what the builder did to the image. Anybody in the guest may read it, so it holds nothing secret. */
export const BuildRecord = Type.Object({
  format: Type.Literal(1),
  /** ISO 8601, clock of the building host. */
  built: Type.String(),
  /** Of Trovestrap. */
  version: Type.String(),
  base: Type.Object({ name: Type.String(), sha256: Sha256 }),
  os: Type.String(),
  architecture: Type.Union([Type.Literal('x64'), Type.Literal('arm64')]),
  node: Type.Object({ version: Type.String(), sha256: Sha256 }),
  bundle: Type.Object({ sha256: Sha256 }),
  urls: Type.Array(Type.String()),
  /** The public half of the bootstrap token. */
  token: Type.String(),
  /** SHA-256 of the CA certificate, as openssl prints it. */
  ca: Type.String(),
  agent_user: Type.String(),
  debug_user: Type.Optional(Type.String()),
  /** What was put in, with what it must look like; config files with secrets too, by digest only. */
  files: Type.Array(Type.Object({ path: Type.String(), mode: Type.Integer(), uid: Type.Integer(), gid: Type.Integer(), sha256: Sha256 })),
  links: Type.Array(Type.Object({ path: Type.String(), target: Type.String() })),
  /** Files of the image that were edited, with what was done. */
  edited: Type.Array(Type.Object({ path: Type.String(), note: Type.String() })),
  /** Links of the image that were taken out; making them again undoes it. */
  removed: Type.Array(Type.Object({ path: Type.String(), target: Type.String() })),
})
export type BuildRecord = Type.Static<typeof BuildRecord>
