import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { findSettingsFile, isThere } from '../host-server/settings/find-file.ts'
import { inspectImage } from '../image-builder/without-root/verbs.ts'
import { ImageRefusal } from '../image-builder/refusal.ts'
import { CliError } from './exit.ts'
import { withStore } from './with-store.ts'

/** The bootstrap token that lies in an image, by its id. */
export interface ImageToken {
  readonly id: string
  /** Glance's id of the image that it is bound to. */
  readonly image?: string
}

/**
 * As the image's own record says: the one beside it, or else the one in it, where that can be read without an appliance.
 * @returns undefined where there is none
 */
export async function tokenOfImage(path: string, command: Command, signal: AbortSignal): Promise<ImageToken | undefined> {
  const id = beside(`${path}.json`) ?? (await inside(path, signal))
  if (id === undefined || id === '') return undefined
  const known = hasHost(command) ? await withStore(command, (store) => store.tokens.get(id)).catch(noHost) : undefined
  return { id, ...(known?.image === undefined ? {} : { image: known.image }) }
}

/** @returns why it was not bound, with what to type */
export async function bindToken(command: Command, id: string, image: string): Promise<string | undefined> {
  const type = `\n  on the host of host-server:  trovestrap token bind ${id} ${image}`
  if (!hasHost(command)) return `bootstrap token ${id} lies in the image, and its host-server is not on this host${type}`
  try {
    const bound = await withStore(command, (store) => store.tokens.bind(id, image, new Date()))
    return bound ? undefined : `the host-server of this host has no bootstrap token ${id}: it is another one's${type}`
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    return `bootstrap token ${id} was not bound to the image: ${error.message.split('\n')[0]}${type}`
  }
}

function hasHost(command: Command): boolean {
  const file = findSettingsFile(command.optsWithGlobals<{ config?: string }>().config)
  return file !== undefined && isThere(file)
}

function noHost(error: unknown): undefined {
  if (!(error instanceof CliError)) throw error
}

function beside(file: string): string | undefined {
  try {
    const { token } = JSON.parse(readFileSync(file, 'utf8')) as { token?: unknown }
    return typeof token === 'string' ? token : undefined
  } catch {
    return undefined
  }
}

async function inside(path: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await inspectImage(path, { way: 'direct' }, signal)).record.token
  } catch (error) {
    if (error instanceof ImageRefusal || (error as Error).name === 'BuildFailure') return undefined // not ours, or on a file system that is not read so
    throw error
  }
}
