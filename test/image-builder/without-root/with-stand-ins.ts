// with-stand-ins.ts FOLDER TOOLS -- COMMAND…: in mounts of its own, puts a program in front of each tool that writes down who runs it and who has started it,
// then runs the command. Started by `unshare --mount`.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, tools, , program, ...args] = process.argv.slice(2) as [string, string, string, string, ...string[]]
const FIELDS = '^(Uid|Gid|Groups|CapInh|CapPrm|CapEff|CapAmb|NoNewPrivs):'

const seen = join(folder, 'seen')
mkdirSync(seen)
chmodSync(seen, 0o1777)
for (const tool of tools.split(',')) {
  const real = execFileSync('which', [tool], { encoding: 'utf8' }).trim()
  const [copy, front] = [join(folder, `real-${tool}`), join(folder, `front-${tool}`)]
  copyFileSync(real, copy)
  chmodSync(copy, 0o755)
  writeFileSync(front, `#!/bin/sh\n{ echo "tool ${tool}"; grep -E '${FIELDS}' /proc/$$/status; echo parent; grep -E '${FIELDS}' /proc/$PPID/status; echo network; grep -o '[a-z0-9]*:' /proc/self/net/dev; } >${seen}/$$\nexec ${copy} "$@"\n`)
  chmodSync(front, 0o755)
  execFileSync('mount', ['--bind', front, real])
}
const ran = spawnSync(program, args, { stdio: 'inherit' })
process.exitCode = ran.status ?? 1
