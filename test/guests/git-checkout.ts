import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** As in upstream's checkout: the folder above contrib/ goes onto the path, then the agent's own main runs. */
const LAUNCHER = `#!/usr/bin/python3
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from trove.cmd.guest import main

sys.exit(main())
`

/** Most of it Debian's packages in the guest satisfy; passlib only the host's index does. */
const REQUIREMENTS = `eventlet!=0.18.3,>=0.18.2
oslo.config>=6.8.0
oslo.messaging>=5.29.0
oslo.service>=1.24.0
oslo.utils>=3.40.0
passlib>=1.7.0 # BSD
PyMySQL>=0.7.6
docker>=4.2.0
semantic-version>=2.7.0
`

/**
 * The shape in which most users have Trove: a git work tree with contrib/trove-guestagent, requirements.txt and setup.cfg,
 * a version that only git knows, and files that git ignores.
 * @param tree the package's tree: the same Trove, in another shape
 */
export function gitCheckout(tree: string, folder: string): string {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'contrib'), { recursive: true })
  cpSync(join(tree, 'trove'), join(folder, 'trove'), { recursive: true })
  writeFileSync(join(folder, 'contrib/trove-guestagent'), LAUNCHER, { mode: 0o755 })
  writeFileSync(join(folder, 'requirements.txt'), REQUIREMENTS)
  writeFileSync(join(folder, 'setup.cfg'), '[metadata]\nname = trove\npython_requires = >=3.8\n')
  writeFileSync(join(folder, '.gitignore'), '*.log\n')
  writeFileSync(join(folder, 'ignored.log'), 'never served\n')
  const git = (...args: string[]) => execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { stdio: 'pipe' })
  git('init', '-q')
  git('add', '.')
  git('commit', '-qm', 'Trove')
  git('tag', '18.0.0')
  return folder
}
