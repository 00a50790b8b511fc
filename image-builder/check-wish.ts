import { X509Certificate } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseCredential } from '../contract/credential.ts'
import { requireUserName } from './debug-user.ts'
import { ImageRefusal } from './refusal.ts'
import type { Wish } from './wish.ts'

/** All that can be known before anything is touched, except whether OUT can be made. @throws ImageRefusal */
export async function checkWish(wish: Omit<Wish, 'bundle' | 'prebake'>): Promise<void> {
  if (wish.token && parseCredential(wish.token.reveal())?.kind !== 'bootstrap') throw new ImageRefusal('the token is no bootstrap token: expected id.secret as `trovestrap token create` prints it')
  if (wish.urls.length === 0) throw new ImageRefusal('no address of host-server was given: expected at least one such as https://10.0.0.1:15555')
  for (const url of wish.urls) {
    if (!/^https:\/\/[^/?#@\s]+$/.test(url) || !URL.canParse(url)) throw new ImageRefusal(`${JSON.stringify(url.slice(0, 200))} is no address of host-server: expected https://HOST:PORT and nothing behind it`)
  }
  requireUserName(wish.agentUser)
  if (wish.agentUser === 'root') throw new ImageRefusal('the Trove agent does not run as root; give it a user of its own')
  if (wish.debugUser) requireUserName(wish.debugUser.name)
  try {
    new X509Certificate(wish.ca)
  } catch (cause) {
    throw new ImageRefusal('the CA is no certificate in PEM', { cause })
  }
  if (/PRIVATE KEY/.test(wish.ca)) throw new ImageRefusal('the CA file holds a private key; only the certificate may go into an image')
}

/** OUT can be made where it shall be, and is not BASE. @throws ImageRefusal */
export async function checkOut({ base, out, force }: Pick<Wish, 'base' | 'out' | 'force'>): Promise<void> {
  const folder = await stat(dirname(resolve(out))).catch(() => undefined)
  if (!folder?.isDirectory()) throw new ImageRefusal(`${dirname(resolve(out))}, where the image shall be written, is no folder`)
  const there = await stat(out).catch(() => undefined)
  if (!there) return
  if ((await realpath(out)) === (await realpath(base).catch(() => ''))) throw new ImageRefusal(`${out} is the base image itself, which is never changed; choose another name`)
  if (!there.isFile()) throw new ImageRefusal(`${out} is there already and is no file; choose another name`)
  if (!force) throw new ImageRefusal(`${out} is there already; choose another name or add --force to replace it`)
}
