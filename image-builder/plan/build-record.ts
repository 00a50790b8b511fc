import { Type } from 'typebox'

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })
/** Absolute, and nothing in it that climbs or ends a line: a record is read from images that anybody made. */
const Path = Type.String({ pattern: '^(?:/(?!\\.{1,2}(?:/|$))[^/\\u0000-\\u001f]+)+$', maxLength: 4096 })
const Id = Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 })
const Mode = Type.Integer({ minimum: 0, maximum: 0o7777 })
const Name = Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_.-]{0,31}$' })
const Target = Type.String({ minLength: 1, maxLength: 4096 })

/** What can be taken out again by itself. */
export const Part = Type.Union([Type.Literal('daemon'), Type.Literal('debug'), Type.Literal('prebake')])
export type Part = Type.Static<typeof Part>

/** What stood at a path before us. Content of a file lies in `saved`. */
export const Before = Type.Union([
  Type.Object({ kind: Type.Literal('file'), mode: Mode, uid: Id, gid: Id, saved: Path }),
  Type.Object({ kind: Type.Literal('folder'), mode: Mode, uid: Id, gid: Id }),
  Type.Object({ kind: Type.Literal('link'), target: Target }),
])
export type Before = Type.Static<typeof Before>

/** Something that was put in, with what it must look like; files with secrets too, by digest only. */
export const Put = Type.Object({
  part: Part,
  path: Path,
  kind: Type.Union([Type.Literal('file'), Type.Literal('folder'), Type.Literal('link')]),
  /** Not of links, as are the owners. */
  mode: Type.Optional(Mode),
  uid: Type.Optional(Id),
  gid: Type.Optional(Id),
  /** Of a file. */
  sha256: Type.Optional(Sha256),
  /** Of a link. */
  target: Type.Optional(Target),
  /** Absent when nothing stood there. */
  before: Type.Optional(Before),
})
export type Put = Type.Static<typeof Put>

/** A line, or a name in a line, that was added to the account files. */
export const AddedAccount = Type.Object({
  part: Part,
  kind: Type.Union([Type.Literal('user'), Type.Literal('group'), Type.Literal('member')]),
  name: Name,
  /** Of a member: into which group. */
  group: Type.Optional(Name),
})
export type AddedAccount = Type.Static<typeof AddedAccount>

/** /opt/trovestrap/build.json: what the builder did to the image. Anybody in the guest may read it, so it holds nothing secret. */
export const BuildRecord = Type.Object({
  format: Type.Literal(2),
  /** Of content and base; the same input gives the same one. */
  build: Type.String({ pattern: '^[0-9a-f]{12}$' }),
  /** ISO 8601, clock of the building host: all that differs between two builds of the same input. */
  built: Type.String(),
  /** Of Trovestrap. */
  version: Type.String(),
  /** The image that had nothing of ours in it; an image that is built upon again keeps its first base. */
  base: Type.Object({ name: Type.String(), sha256: Sha256 }),
  os: Type.String(),
  architecture: Type.Union([Type.Literal('x64'), Type.Literal('arm64')]),
  node: Type.Object({ version: Type.String(), sha256: Sha256 }),
  bundle: Type.Object({ sha256: Sha256 }),
  /** The source tree that lies in the image, when one does. */
  trove: Type.Optional(Type.Object({ revision: Type.String(), description: Type.String() })),
  urls: Type.Array(Type.String()),
  /** The public half of the bootstrap token; empty when the image has none. */
  token: Type.String(),
  /** SHA-256 of the CA certificate, as openssl prints it. */
  ca: Type.String(),
  agent_user: Name,
  debug_user: Type.Optional(Name),
  /** See content-digest.ts. */
  content: Sha256,
  /** Sorted by path. */
  put: Type.Array(Put, { maxItems: 200_000 }),
  accounts: Type.Array(AddedAccount, { maxItems: 100 }),
  /** Links of the image that were taken out. */
  removed: Type.Array(Type.Object({ part: Part, path: Path, target: Target }), { maxItems: 1000 }),
})
export type BuildRecord = Type.Static<typeof BuildRecord>
