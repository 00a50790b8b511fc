// Every secret of a host, a guest and an image is a canary; everything that anybody can see is searched for them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROUTES, address } from '../../contract/routes.ts'
import { closeConnections, realHttp } from '../../guest-bootstrap/machine/real-http.ts'
import { readAll } from '../../guest-bootstrap/read-all.ts'
import { Secret } from '../../contract/secret.ts'
import { startTellTale } from '../canaries/broker.ts'
import { tracesOf, type Canary } from '../canaries/canary.ts'
import { damageSecretFiles } from '../canaries/damages.ts'
import { canaryGuest, type CanaryGuest } from '../canaries/guest.ts'
import { startCanaryHost, type CanaryHost } from '../canaries/host.ts'
import { baseImage, imagesWithCanaries } from '../canaries/image.ts'
import { secretFiles } from '../canaries/modes.ts'
import { PLANTED, plantedCanaries, SERVED } from '../canaries/planted.ts'
import { askWithSecrets } from '../canaries/requests.ts'
import { watchStarted } from '../canaries/running.ts'
import { Seen } from '../canaries/seen.ts'
import { bringUpWithTroubles } from '../canaries/story.ts'
import { diagnoseLine, evidenceOf, makeToken, rightLines, runVerbs, wrongLines } from '../canaries/verbs.ts'
import { figure, type Figure, type Torture } from './torture.ts'

export const canaries: Torture = {
  name: 'canaries',
  purpose: 'Every password, token and key is a canary: no log, console, report, evidence, process, answer, database, file that is open or block of an image holds one that does not belong there.',
  takes: 'three minutes',
  run,
}

const INSTANCE = '5b2d1f3e-0000-4000-8000-0000000000aa'
/** An unknown word, and a file of secrets that is named as evidence. */
const WRONG_IN_SHORT = [0, -3]

async function run({ size, say }: Parameters<Torture['run']>[0]): Promise<Figure[]> {
  const full = size === 'full'
  await using stack = new AsyncDisposableStack()
  const host = stack.use(await startCanaryHost())
  const tellTale = stack.use(await startTellTale())
  stack.defer(closeConnections)
  const all: Canary[] = [...plantedCanaries(), ...host.made]
  const seen = new Seen()
  const token = await makeToken(host, seen, all)
  const started = watchStarted()
  const guest = canaryGuest(stack, host, seen, INSTANCE, token)

  const told = await bringUpWithTroubles(host, guest, seen, { instance: INSTANCE, token, tellTale: tellTale.port }, all)
  say(`${told.faults} faults of a guest`)
  const pip = full ? await installForReal(guest) : []
  const typed = [PLANTED.astray, host.token, readFileSync(host.state.operatorToken, 'utf8').trim(), `${INSTANCE}.${guest.secret()}`]
  const [own, operator] = [typed[3]!, typed[2]!]
  await runVerbs(host, seen, full ? rightLines(host, INSTANCE) : [diagnoseLine(host, INSTANCE)])
  seen.add('evidence', evidenceOf(host))
  // What is typed astray from here on stands in the arguments of the verb itself: that is the mistake.
  const sampled = started.stop()
  for (const lines of sampled) seen.add('processes: sampled', lines)
  const base = baseImage(host)
  const everyWrong = wrongLines(host, base, typed)
  const wrong = full ? everyWrong : WRONG_IN_SHORT.map((index) => everyWrong.at(index)!)
  await runVerbs(host, seen, wrong)
  say(`${wrong.length} verbs with secrets astray`)
  const requests = await askWithSecrets(host, seen, full ? typed : [PLANTED.astray], full ? [own, operator, token] : [own])
  const damages = await damageSecretFiles(host)
  say(`${requests} requests with secrets astray, ${damages} damaged files of secrets`)
  const building = watchStarted()
  const strangers = full ? await imagesWithCanaries(host, seen, base, all) : []
  const config = await configOf(host, own)
  for (const lines of building.stop()) seen.add('processes: sampled', lines)

  // While host-server runs: after its end nothing would be left of the write-ahead log.
  for (const name of readdirSync(host.state.root)) if (name.startsWith('trovestrap.sqlite')) seen.add('database, with its log and free pages', readFileSync(join(host.state.root, name)))
  const kept = { host: secretFiles(host.state.root, all), guest: secretFiles(guest.it.root, all) }
  await host.end(seen)

  const leaks = [...seen.leaks(all), ...strangers]
  const open = [...kept.host.open, ...kept.guest.open]
  const belongs = all.filter(({ name }) => SERVED.some((one) => one === name)).map(({ name }) => name)
  const missing = belongs.filter((name) => !tracesOf(all, config).some((trace) => trace.startsWith(name)))
  for (const line of [...leaks, ...open, ...told.missed, ...seen.empty()]) say(line)
  return [
    figure('canaries in a place where they do not belong', `${leaks.length}${leaks.length === 0 ? '' : `: ${leaks.slice(0, 20).join('; ')}`}`, 'none', leaks.length === 0),
    figure('looked for', `${all.length} secrets in ${seen.places} places, ${(seen.bytes / 1e6).toFixed(1)} MB`, 'nothing empty', seen.empty().length === 0),
    figure('found where they belong (the configuration of the instance itself)', `${belongs.length - missing.length} of ${belongs.length}`, 'all', missing.length === 0 && belongs.length > 0),
    figure('files with a secret that others can read', `${open.length} of ${kept.host.files + kept.guest.files}${open.length === 0 ? '' : `: ${open.join('; ')}`}`, 'none', open.length === 0 && kept.host.files > 3 && kept.guest.files > 2),
    figure('faults of a guest with a secret near', `${told.faults - told.missed.length} of ${told.faults}${told.missed.length === 0 ? '' : `: not ${told.missed.join('; ')}`}`, 'each said by its code', told.missed.length === 0),
    ...(full ? [figure('a pip that pip started for a build, from the index behind its credential', `${sampled.filter((lines) => lines.includes('not_in_the_index')).length} seen; ${pip.join(', ')}`, 'seen, REQUIREMENT_NOT_FOUND', pip.includes('REQUIREMENT_NOT_FOUND') && sampled.some((lines) => lines.includes('not_in_the_index')))] : []),
    figure('requests, damaged files, verbs with a secret astray', `${requests}, ${damages}, ${wrong.length}`, '-', true),
  ]
}

/** pip itself, which starts another pip for what it has to build; that finds out that the index lacks what it wants. @returns faults */
async function installForReal({ it, world, boot }: CanaryGuest): Promise<string[]> {
  it.system.files.remove('/var/lib/trovestrap/installed.json')
  Object.assign(world, { missing: ['canary_tool'], pip: 'real' })
  return await boot(() => void Object.assign(world, { missing: [], pip: {} }))
}

async function configOf({ url, state }: CanaryHost, own: string): Promise<Buffer> {
  const answer = await realHttp({ url: url + address(ROUTES.config, INSTANCE), ca: readFileSync(state.ca, 'utf8'), bearer: new Secret(own), timeout: 5000 })
  return await readAll(answer.body as AsyncIterable<Buffer>, 2 ** 20)
}
