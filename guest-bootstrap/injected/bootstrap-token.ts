import { parseCredential } from '../../contract/credential.ts'
import { Fault } from '../../contract/fault.ts'
import { GUEST } from '../../contract/paths.ts'
import { Secret } from '../../contract/secret.ts'
import { imageConfig } from '../image-config.ts'
import type { System } from '../system.ts'
import { readConfigDrive } from './config-drive.ts'
import { instanceData, tokenFromCloudInit, tokenIn, tokenToBeWritten, urlsFromCloudInit } from './instance-data.ts'

interface Found {
  readonly place: string
  readonly text: string
}

/**
 * The token that opens enrolment: the one that the cloud injected, else the image's own. It is looked up whenever it is needed, which
 * is seldom, and kept nowhere.
 *
 * @throws Fault TOKEN_MISSING, IMAGE_CONFIG_INVALID
 */
export async function bootstrapToken(system: System): Promise<Secret> {
  const { token: ofImage } = imageConfig(system.files)
  const found = inFile(system) ?? keptByCloudInit(system) ?? (await inInstanceData(system, ofImage !== undefined))
  if (found) return checked(found)
  if (ofImage !== undefined) return new Secret(ofImage)
  const looked = `looked in ${GUEST.token}, in what cloud-init has kept, for trovestrap_token in the metadata and for the file in the user data of the config drive or the metadata service, and in ${GUEST.config}`
  throw new Fault('TOKEN_MISSING', { path: GUEST.token }, `${looked}; inject one (trovestrap token create), or build the image with one`)
}

function inFile({ files }: System): Found | undefined {
  const text = files.text(GUEST.token)?.trim()
  if (text === undefined || text === '') return undefined
  const { mode } = files.stat(GUEST.token)!
  // cloud-init's write_files makes 0644 unless told otherwise.
  if (mode !== 0o600) files.own(GUEST.token, { mode: 0o600 })
  return { place: GUEST.token, text }
}

function keptByCloudInit({ files }: System): Found | undefined {
  const text = tokenFromCloudInit(files)
  return text === undefined ? undefined : { place: 'trovestrap_token in the metadata', text }
}

/** Finding out that there is no metadata service takes seconds, and reading YAML is heavy: both only when there is no other token. */
async function inInstanceData(system: System, thereIsAnother: boolean): Promise<Found | undefined> {
  // What cloud-init has read of the drive it has kept, and there is no token in that.
  if (thereIsAnother && urlsFromCloudInit(system.files) !== undefined) return undefined
  const data = thereIsAnother ? await readConfigDrive(system) : await instanceData(system)
  if (data === undefined) return undefined
  const inMeta = tokenIn(data)
  if (inMeta !== undefined) return { place: `trovestrap_token in the metadata of the ${data.from}`, text: inMeta }
  const inFile = thereIsAnother ? undefined : await tokenToBeWritten(data)
  return inFile === undefined ? undefined : { place: `${GUEST.token} in the user data of the ${data.from}`, text: inFile }
}

/** What is injected by hand may be anything: sending it to the host, or saying it, would give away a secret of another kind. */
function checked({ place, text }: Found): Secret {
  if (parseCredential(text.trim())?.kind === 'bootstrap') return new Secret(text.trim())
  throw new Fault('TOKEN_MISSING', { place }, `${place} is no bootstrap token; expected id.secret as trovestrap token create prints it`)
}
