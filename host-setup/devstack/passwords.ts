import { randomBytes, randomInt } from 'node:crypto'

/** Horizon cuts passwords after 20 characters (stack.sh); devstack's own prompt takes letters and digits alone. */
const LENGTH = 20
const SIGNS = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** What stack.sh would ask for at a prompt, in this order. */
export const PASSWORDS = ['ADMIN_PASSWORD', 'DATABASE_PASSWORD', 'RABBIT_PASSWORD', 'SERVICE_PASSWORD'] as const

/** About 116 bits. */
export function makePassword(): string {
  return Array.from({ length: LENGTH }, () => SIGNS[randomInt(SIGNS.length)]!).join('')
}

/** A value that Swift's rings are hashed with; it can never change. */
export function makeSwiftHash(): string {
  return randomBytes(16).toString('hex')
}

/** @returns undefined where devstack takes it; what is wrong with it, without the password itself */
export function faultOfPassword(password: string): string | undefined {
  if (!/^[A-Za-z0-9]+$/.test(password)) return 'letters and digits alone: it stands in URLs and in bash'
  if (password.length > LENGTH) return `${LENGTH} characters at most: Horizon cuts them there`
  return undefined
}
