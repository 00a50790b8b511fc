import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tokenCanary, type Canary } from './canary.ts'
import type { CanaryHost, Said, Verb } from './host.ts'
import { PLANTED } from './planted.ts'
import type { Seen } from './seen.ts'

/** A verb whose purpose is to tell a secret says it here, on its standard output alone. */
interface Line extends Verb {
  readonly tells?: readonly string[]
}

/** Runs verbs one after the other and keeps what they say. @returns how each ended */
export async function runVerbs(host: CanaryHost, seen: Seen, lines: readonly Line[]): Promise<Said[]> {
  const ended: Said[] = []
  for (const { tells = [], ...verb } of lines) {
    const said = await host.run(verb)
    if (tells.length > 0) seen.add('standard output of the verbs that tell a secret', said.stdout, tells)
    else seen.add('standard output of the verbs', said.stdout)
    seen.add('standard error of the verbs', said.stderr)
    ended.push(said)
  }
  return ended
}

/** A token that is made on purpose. */
export async function makeToken(host: CanaryHost, seen: Seen, made: Canary[]): Promise<string> {
  const { stdout, stderr } = await host.run({ argv: ['token', 'create', '--uses', '9'] })
  seen.add('standard error of the verbs', stderr)
  made.push(tokenCanary('another bootstrap token', stdout.trim()))
  return stdout.trim()
}

/** What an operator types when all is well. @param instance one that is enrolled */
export const rightLines = (host: CanaryHost, instance: string): Line[] => [
  { argv: ['init'] },
  { argv: ['token', 'list'] },
  { argv: ['approve'] },
  { argv: ['audit', '--json', '--last', '1000'] },
  { argv: ['status'] },
  { argv: ['status', instance, '--json'] },
  diagnoseLine(host, instance),
]

/** Looks at every place where a secret could stand. */
export function diagnoseLine({ folder, files }: CanaryHost, instance: string): Line {
  const logs = ['--console', '--rabbitmq-log', '--conductor-log', '--taskmanager-log'].flatMap((option) => [option, files.log])
  return { argv: ['diagnose', instance, '--save', join(folder, 'evidence.json'), ...logs, '--without', 'machine'] }
}

export const evidenceOf = ({ folder }: CanaryHost): string => readFileSync(join(folder, 'evidence.json'), 'utf8')

/** Secrets typed or named where something else is expected. @param base an image that could be built upon @param secrets of every form that ours have */
export function wrongLines({ files, folder, state }: CanaryHost, base: string, secrets: readonly string[]): Line[] {
  const out = join(folder, 'never.qcow2')
  const typed = secrets.flatMap((secret): Line[] => [
    { argv: [secret] },
    { argv: ['token', 'create', secret] },
    { argv: ['token', 'create', '--ttl', secret] },
    { argv: ['token', 'create', `--pasword=${secret}`] },
    { argv: ['token', 'revoke', secret] },
    { argv: ['forget', secret] },
    { argv: ['approve', secret] },
    { argv: ['approve', '--open', secret] },
    { argv: ['audit', '--instance', secret] },
    { argv: ['status', secret] },
    { argv: ['status', '--url', `https://admin:${encodeURIComponent(secret)}@127.0.0.1:1`] },
    { argv: ['diagnose', secret, '--without', 'machine', '--trove-conf', '/nowhere'] },
    { argv: ['diagnose', '--ssh', secret] },
    { argv: ['diagnose', secret, '--trove-db', `mysql://trove:${encodeURIComponent(secret)}@127.0.0.1:1/trove`, '--without', 'machine'] },
    { argv: ['image', 'build', base, '-o', out, '--debug-user', secret] },
    { argv: ['image', 'build', base, '-o', out, '--url', `https://a:${encodeURIComponent(secret)}@h`] },
    { argv: ['image', 'build', base, '-o', out, '--grow', secret] },
    { argv: ['image', 'check', secret] },
    { argv: ['causes', secret] },
    { argv: ['doctor', '--only', secret] },
    { argv: ['doctor', '--guests', secret] },
  ])
  const files_ = [state.operatorToken, state.caKey, files.luksKey, files.troveConf]
  const named = files_.flatMap((file): Line[] => [
    { argv: ['--config', file, 'status'] },
    { argv: ['image', 'build', base, '-o', out, '--token-file', file] },
    { argv: ['image', 'build', base, '-o', out, '--ca', file] },
    { argv: ['image', 'build', base, '-o', out, '--debug-user', 'ann', '--debug-key', file] },
    { argv: ['image', 'inspect', file] },
    { argv: ['image', 'check', base, '--key-file', file] },
    { argv: ['diagnose', '--evidence', file] },
    { argv: ['diagnose', 'db-1', '--trove-db', `@${file}`, '--without', 'machine'] },
  ])
  return [...typed, ...named, { argv: ['image', 'build', base, '-o', out, '--debug-user', 'ann', '--debug-password-stdin'], input: `${PLANTED.debug}\n${PLANTED.astray}` }]
}
