import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

/** One path that is put into an image. */
export interface Content {
  readonly path: string
  /** Its content on this host. */
  readonly file: string
  readonly type: 'file' | 'folder' | 'link'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly target?: string
}

/** A way to copy an image and put content into the copy. */
export type Peer = (image: string) => void

/** How people put files into images today. They know where the root file system is and need not look for it. @param tcg without KVM */
export function peers(folder: string, base: string, content: readonly Content[], tcg: boolean): Readonly<Record<string, Peer>> {
  const env = { ...process.env, LIBGUESTFS_BACKEND: 'direct', ...(tcg ? { LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' } : {}) }
  const run = (program: string, args: readonly string[], input = '') => void execFileSync(program, args, { env, input, stdio: ['pipe', 'ignore', 'inherit'] })
  const mountPoint = join(folder, 'mount')
  mkdirSync(mountPoint, { recursive: true })
  return {
    'virt-customize'(image) {
      copyFileSync(base, image)
      run('virt-customize', ['-q', '-a', image, '--no-network', ...content.flatMap(customized)])
    },
    'guestfish, one call'(image) {
      copyFileSync(base, image)
      run('guestfish', ['--format=qcow2', '-a', image, '-m', '/dev/sda1'], content.flatMap(fished).map((line) => `${line}\n`).join(''))
    },
    'guestmount, cp, guestunmount'(image) {
      copyFileSync(base, image)
      const pid = join(folder, 'guestmount.pid')
      run('guestmount', ['--format=qcow2', '-a', image, '-m', '/dev/sda1', '--pid-file', pid, mountPoint])
      for (const one of content) mounted(one, mountPoint)
      const server = readFileSync(pid, 'utf8').trim()
      run('guestunmount', [mountPoint])
      run('tail', [`--pid=${server}`, '-f', '/dev/null']) // the image is whole when the server has ended
      rmSync(pid, { force: true })
    },
  }
}

function customized({ path, file, type, mode, uid, gid, target }: Content): string[] {
  if (type === 'link') return ['--run-command', `ln -s '${target}' '${path}'`]
  const put = type === 'folder' ? ['--mkdir', path] : ['--upload', `${file}:${path}`]
  return [...put, '--chmod', `0${mode.toString(8)}:${path}`, ...(uid + gid > 0 ? ['--run-command', `chown ${uid}:${gid} '${path}'`] : [])]
}

function fished({ path, file, type, mode, uid, gid, target }: Content): string[] {
  if (type === 'link') return [`ln-s "${target}" "${path}"`]
  return [type === 'folder' ? `mkdir-p "${path}"` : `upload "${file}" "${path}"`, `chmod 0${mode.toString(8)} "${path}"`, `chown ${uid} ${gid} "${path}"`]
}

function mounted({ path, file, type, mode, uid, gid, target }: Content, mountPoint: string): void {
  const there = join(mountPoint, path)
  if (type === 'link') return symlinkSync(target!, there)
  if (type === 'folder') mkdirSync(there, { recursive: true })
  else copyFileSync(file, there)
  chmodSync(there, mode)
  chownSync(there, uid, gid)
}
