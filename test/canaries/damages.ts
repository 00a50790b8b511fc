import { readFileSync, writeFileSync } from 'node:fs'
import type { CanaryHost } from './host.ts'
import { PLANTED } from './planted.ts'

const { astray } = PLANTED

/** What somebody might make of the files that hold secrets; host-server reads each at a SIGHUP and says what is wrong with it. */
const DAMAGES: readonly { readonly file: (host: CanaryHost) => string; readonly damage: (text: string) => string }[] = [
  { file: ({ state }) => state.operatorToken, damage: () => `${astray}\n` },
  { file: ({ state }) => state.operatorToken, damage: (text) => `${text.trim()} ${text}` },
  { file: ({ state }) => state.server, damage: (text) => text.replaceAll('\n', `${astray}\n`) },
  { file: ({ state }) => state.server, damage: (text) => text.slice(0, text.indexOf('END')) },
  { file: ({ state }) => state.signingKey, damage: (text) => `${astray}${text}`.replace('-----BEGIN', '') },
  { file: ({ state }) => state.signingKey, damage: () => astray },
  { file: ({ files }) => files.guestConf, damage: (text) => `${PLANTED.guestRabbit}\n${text}` },
  { file: ({ files }) => files.guestConf, damage: (text) => text.replace('rabbit://', `${astray} rabbit:/`) },
  { file: ({ files }) => files.guestConf, damage: (text) => text.replace(/%40/g, '/') },
  { file: ({ files }) => files.guestConf, damage: (text) => text.replace('/trove\n', `/trove\n[broken ${astray}\n`) },
  { file: ({ files }) => files.troveConf, damage: (text) => `${text}${PLANTED.controlRabbit}\n` },
  { file: ({ files }) => files.clouds, damage: (text) => text.replace('password: ', 'password: *') },
  { file: ({ files }) => files.clouds, damage: (text) => text.replace(/password: .*/, `password: [${astray}`) },
  { file: ({ config }) => config, damage: (text) => `${text}password: *${astray}\n` },
  { file: ({ config }) => config, damage: (text) => `${text}password: !${astray} x\n` },
  { file: ({ config }) => config, damage: (text) => `${text}password: "\\q${astray}\n` },
  { file: ({ config }) => config, damage: (text) => `${text}} ${astray}: {[\n` },
  { file: ({ config }) => config, damage: (text) => text.replace('guest_config: { ', `guest_config: { overrides: { DEFAULT: { transport_url: [${astray}] } }, `) },
  { file: ({ config }) => config, damage: (text) => text.replace('level: trace', 'level: "rabbit://trove:'.concat(astray, '@h/"')) },
]

/** @returns how many damages host-server has read */
export async function damageSecretFiles(host: CanaryHost): Promise<number> {
  const tokenAstray = { file: () => host.config, damage: (text: string) => `${text}lifetimes: { token: ${host.token} }\n` }
  for (const { file, damage } of [...DAMAGES, tokenAstray]) {
    const path = file(host)
    const whole = readFileSync(path)
    writeFileSync(path, damage(whole.toString('utf8')))
    await host.reload()
    writeFileSync(path, whole)
  }
  await host.reload()
  return DAMAGES.length + 1
}
