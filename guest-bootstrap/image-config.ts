import { Value } from 'typebox/value'
import { Fault } from '../contract/fault.ts'
import { GuestConfig } from '../contract/guest-config.ts'
import { GUEST } from '../contract/paths.ts'
import type { Files } from './system.ts'

/** What the image's builder left for the daemon. @throws Fault IMAGE_CONFIG_INVALID */
export function imageConfig(files: Files): GuestConfig {
  const text = files.text(GUEST.config)
  if (text === undefined) throw new Fault('IMAGE_CONFIG_INVALID', { path: GUEST.config }, `${GUEST.config} is missing; build the image again`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    // JSON.parse quotes what it could not read, and that may be the token.
    throw new Fault('IMAGE_CONFIG_INVALID', { path: GUEST.config }, `${GUEST.config} is not JSON`)
  }
  if (Value.Check(GuestConfig, value)) return value
  // `boolean` is said of a key that must not be there, and its path would be whatever somebody has written there.
  const fields = Value.Errors(GuestConfig, value).filter(({ keyword }) => keyword !== 'boolean').map((error) => `${error.instancePath || '/'} ${error.message}`)
  throw new Fault('IMAGE_CONFIG_INVALID', { path: GUEST.config }, fields.join('; '))
}
