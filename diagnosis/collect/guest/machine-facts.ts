import type { GuestSeen } from '../../evidence.ts'

const KNOWN_ACCOUNTS = ['database', 'ubuntu', 'trove', 'debug']

/** Reads /proc/meminfo; bytes. */
export function memoryOf(meminfo: string | undefined): GuestSeen['memory'] {
  const bytes = (name: string) => Number(new RegExp(`^${name}: +(\\d{1,15}) kB`, 'm').exec(meminfo ?? '')?.[1] ?? NaN) * 1024
  const [total, available] = [bytes('MemTotal'), bytes('MemAvailable')]
  return Number.isFinite(total) && Number.isFinite(available) ? { total, available } : undefined
}

/** Reads /etc/resolv.conf. */
export function nameserversOf(resolvConf: string | undefined): string[] {
  return [...(resolvConf ?? '').matchAll(/^[ \t]*nameserver[ \t]+([0-9a-fA-F.:%\w]{2,60})/gm)].slice(0, 10).map((match) => match[1]!)
}

/** Reads /etc/passwd: people's accounts, and those that matter here whatever their number is. */
export function accountsOf(passwd: string | undefined): GuestSeen['accounts'] {
  return (passwd ?? '')
    .split('\n')
    .flatMap((line) => {
      const [, name, uid] = /^([^:]{1,100}):[^:]*:(\d{1,10}):/.exec(line) ?? []
      return name === undefined ? [] : [{ name, uid: Number(uid) }]
    })
    .filter(({ name, uid }) => (uid >= 1000 && uid !== 65534) || KNOWN_ACCOUNTS.includes(name))
    .slice(0, 100)
}

/** Reads `df -PB1`; what has no size of its own is no disk, and what a container sees is the same disk again. */
export function disksOf(df: string | undefined): GuestSeen['disks'] {
  return (df ?? '')
    .split('\n')
    .flatMap((line) => {
      const [, source, size, free, mount] = /^(\S+(?: \S+){0,9}) +(\d{1,19}) +\d+ +(\d{1,19}) +\d+% (\/.*)$/.exec(line) ?? []
      return source === undefined ? [] : [{ mount: mount!.slice(0, 500), source, size: Number(size), free: Number(free) }]
    })
    .filter(({ source, size }) => size > 0 && !/^(overlay|udev|devtmpfs|shm)$/.test(source))
    .slice(0, 60)
}

export function devicesOf(text: string | undefined): string[] {
  return [...(text ?? '').matchAll(/^(\/dev\/[\w!.-]{1,60})$/gm)].slice(0, 200).map((match) => match[1]!)
}

/** `/usr/bin/python3.11` → `3.11`: asking Python itself takes a second there. */
export function pythonOf(link: string | undefined): string | undefined {
  return /\/python(\d\.\d{1,2})\s*$/.exec(link ?? '')?.[1]
}
