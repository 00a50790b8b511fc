import { readFile } from 'node:fs/promises'
import type { Secret } from '../contract/secret.ts'
import { BuildFailure, ImageRefusal } from './refusal.ts'
import { runTool, said } from './run-tool.ts'

const KEY_TYPES = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com) [A-Za-z0-9+/]{40,}={0,2}( [\x20-\x7e]*)?$/

/** @throws ImageRefusal */
export function requireUserName(name: string): string {
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(name)) {
    throw new ImageRefusal(`${JSON.stringify(name.slice(0, 40))} is no user name: expected a to z, 0 to 9, "_" and "-", at most 32, a letter first`)
  }
  return name
}

/**
 * Public keys as in authorized_keys; comments and empty lines are left out.
 * @throws ImageRefusal; a private key is recognised and never repeated
 */
export async function readPublicKeys(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new ImageRefusal(`the key file ${file} cannot be read: ${cause.code === 'ENOENT' ? 'there is no such file' : cause.message}`, { cause })
  })
  if (/PRIVATE KEY|PuTTY-User-Key-File/.test(text)) throw new ImageRefusal(`${file} is a private key; expected the public one, usually ${file.replace(/\.(pem|key|ppk)$/, '')}.pub`)
  const keys = text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
  const odd = keys.findIndex((key) => !KEY_TYPES.test(key))
  if (keys.length === 0 || odd >= 0) throw new ImageRefusal(`${file} is no public SSH key: expected lines such as "ssh-ed25519 AAAA… name"`)
  return keys
}

/** crypt(5) with SHA-512; the password reaches openssl through a pipe, never through its arguments. */
export async function hashPassword(password: Secret): Promise<string> {
  if (password.reveal() === '' || /[\0\r\n]/.test(password.reveal())) throw new ImageRefusal('the password is empty or has a line break in it')
  const ran = await runTool('openssl', ['passwd', '-6', '-stdin'], { cwd: '/', input: `${password.reveal()}\n` })
  const hash = ran.stdout.toString('utf8').trim()
  if (ran.code !== 0 || !/^\$6\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{86}$/.test(hash)) throw new BuildFailure(`openssl could not hash the password: ${said(ran)}`)
  return hash
}
