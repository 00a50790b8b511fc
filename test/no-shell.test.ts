import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { networkCommand } from '../diagnosis/collect/guest/ask-network.ts'
import { rootCommand } from '../diagnosis/collect/guest/ask-as-root.ts'
import { userCommand } from '../diagnosis/collect/guest/ask-as-user.ts'

const ROOT = join(import.meta.dirname, '..')

/** All that runs outside of tests; comments are no code. */
const SOURCES = globSync(['*/**/*.{ts,mjs}'], { cwd: ROOT, exclude: ['node_modules', 'test', 'coverage'] })
  .filter((file) => !/^(test|node_modules|\.)/.test(file))
  .map((file) => ({ file, code: readFileSync(join(ROOT, file), 'utf8').replace(/^\s*(\/\/|\/?\*).*$/gm, '') }))

/** Who may start a shell on this machine, and why nothing from outside gets into its words. */
const LOCAL_SHELLS: Readonly<Record<string, string>> = {
  'lab/fault-lab/host-shell.ts': "types what the lab's operator, or a fault written in this repository, says; places come in through the environment",
  'bench/images.ts': 'a constant line; program and arguments follow it as words of their own',
  'bench/peers/nginx.ts': 'a constant line; certificate, address and folder follow it as words of their own',
}

/** Who may send a command line to another machine's login shell. */
const REMOTE_SHELLS: Readonly<Record<string, string>> = {
  'diagnosis/collect/ssh/run-remote.ts': 'is given constants, a boundary of hex digits, and names that isHost lets through; the rest is standard input',
  'diagnosis/collect/ssh/stream-remote.ts': 'is given what the operator types for his own guest, and constants with a number and names of units that isUnit lets through',
  'lab/guest-shell.ts': 'is given constants by the lab; the rest is standard input',
}

/** Programs are started by these alone: each takes a program and a list of words. */
const WITHOUT_A_SHELL = ['spawn', 'spawnSync', 'execFile', 'execFileSync', 'fork']

const filesWith = (pattern: RegExp): string[] => SOURCES.flatMap(({ file, code }) => (pattern.test(code) ? [file] : [])).sort()

t.test('programs are started by calls that know no shell', async (t) => {
  t.ok(SOURCES.length > 200)
  for (const { file, code } of SOURCES) {
    for (const [, names, from] of code.matchAll(/import\s+(?:type\s+)?([^'"]*?)\s*from\s*['"]((?:node:)?child_process)['"]/g)) {
      t.equal(from, 'node:child_process', file)
      const taken = names!.replace(/[{}]/g, '').split(',').map((name) => name.trim()).filter((name) => name !== '' && !name.startsWith('type ') && !/^ChildProcess/.test(name))
      t.same(taken.filter((name) => !WITHOUT_A_SHELL.includes(name)), [], file)
    }
  }
  t.same(filesWith(/import\(\s*['"](node:)?child_process|require\(\s*['"](node:)?child_process/), [])
  t.same(filesWith(/\bshell:\s*(true|process\.|['"`]\/)/), [], 'nobody asks for one')
  t.same(filesWith(/\beval\(|\bnew Function\(|from ['"]node:vm['"]/), ['host-server/give-memory-back.ts'], 'nothing that came in is run as JavaScript; there it is the one word gc')
})

t.test('a shell on this machine is started by those alone that say why', async (t) => {
  t.same(filesWith(/['"`](?:\/usr)?(?:\/bin\/)?(?:ba|da|z)?sh['"`]\s*,\s*(?:\[\s*)?['"`]-/), Object.keys(LOCAL_SHELLS).sort())
})

t.test('a command line goes to another machine through those alone that say why', async (t) => {
  t.same(filesWith(/\b(?:client|connection|ssh)\.exec\(/), Object.keys(REMOTE_SHELLS).sort())
  t.same(filesWith(/\.shell\(\s*[^'`"\s)]/), [], "the lab's command lines are written where they are sent")
  t.same(filesWith(/\.shell\(\s*`[^`]*\$\{/), [], 'and nothing is put into them')
})

t.test('of the places that a guest names, only plain ones get into a command line for it', async (t) => {
  const boundary = '0123456789abcdef'
  const hostile = ['a b', 'a;reboot', '$(reboot)', '`reboot`', "a'b", 'a"b', 'a\nreboot', '-oProxyCommand=x', 'a|b', 'a&b', 'a>b', '*', '~root', '', 'ä', 'a\0b', '{a,b}', '#']
  for (const host of hostile) t.equal(networkCommand(boundary, [{ host, port: 1 }]), `exec /bin/sh -s -- ${boundary} `, JSON.stringify(host))
  for (const port of [-1, 1.5, 65536, Number.NaN, '1;reboot' as unknown as number]) t.equal(networkCommand(boundary, [{ host: 'controller', port }]), `exec /bin/sh -s -- ${boundary} `)
  for (const host of ['controller', '10.0.0.1', 'fd00::1', 'rabbit-1.example']) t.equal(networkCommand(boundary, [{ host, port: 5672 }]), `exec /bin/sh -s -- ${boundary} ${host} 5672`)
  for (const command of [userCommand(boundary), rootCommand(boundary)]) t.equal(command.split(boundary).length, 2, 'nothing but the boundary varies')
})
