import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Scene } from '../lab/scene.ts'
import type { TroveInstance } from '../lab/control-plane.ts'
import type { Guest } from '../lab/guest.ts'
import { CliError, EXIT } from './exit.ts'
import { progress, type Progress } from './progress.ts'
import { listText } from './status-view.ts'

const HEALTHY_MS = 10 * 60_000

/** `trovestrap demo`, which is `npm start` */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('Bring a real guest up on this machine: RabbitMQ, Trove\'s conductor, a virtual machine, its agent, a database.')
    .option('--keep', 'leave everything running until Ctrl-C, to look around')
    .addHelpText('after', '\nNeeds Debian 12 and what `npm start` installs; everything it starts it stops again.')
    .action(async (options: { keep?: boolean }) => {
      const { cacheRoot } = await import('../lab/cache.ts')
      const { startScene } = await import('../lab/scene.ts')
      const show = progress(process.stdout)
      const folder = join(cacheRoot(), 'demo')
      show.say(`Trovestrap demo: a real guest on this machine. Nothing outside ${cacheRoot()} is touched.\n`)
      await using scene = await startScene(folder, show)
      const instance = await scene.controlPlane.createInstance('db-1')
      await instance.prepare()
      await using guest = await boot(scene, instance, show)
      await bringUp(guest, show)
      await healthy(instance, guest, show)
      show.say(await outcome(scene, instance))
      if (options.keep) await keep(scene, guest, show)
      else show.say(NEXT)
    })
}

async function boot(scene: Scene, instance: TroveInstance, show: Progress): Promise<Guest> {
  const step = show.step('guest db-1')
  step.update('QEMU')
  const guest = await scene.boot(instance)
  step.done(`${instance.id} · QEMU, ${guest.accelerator === 'kvm' ? 'KVM' : 'TCG (KVM does not answer here)'}`)
  return guest
}

/** Each stage as it goes by, read from the guest's serial console: what a person would see there. */
async function bringUp(guest: Guest, show: Progress): Promise<void> {
  const { followBringUp } = await import('../lab/follow-bring-up.ts')
  let step = show.step('  boot')
  step.update('kernel, systemd, cloud-init')
  let running = 'boot'
  for await (const { stage, state, words } of followBringUp(guest.console)) {
    if (running === 'boot') step.done('kernel, systemd, cloud-init')
    if (stage === 'ready') return
    if (state === 'begun' && running !== stage) {
      step = show.step(`  ${stage}`)
      running = stage
    }
    if (state === 'failed') step.update(words['message'] ?? words['code'] ?? '')
    if (state === 'done') {
      if (running !== stage) step = show.step(`  ${stage}`)
      step.done(words['note'] ?? '')
      running = ''
    }
  }
  throw new CliError(`the guest ended before it was ready; its console: ${guest.console.path}`, EXIT.failed)
}

async function healthy(instance: TroveInstance, guest: Guest, show: Progress): Promise<void> {
  const step = show.step('database')
  step.update('the agent prepares it: container, MySQL, users')
  try {
    await instance.waitForStatus('healthy', HEALTHY_MS)
    step.done("the agent has prepared it, Trove's conductor has heard so")
  } catch (error) {
    step.fail('not healthy')
    throw new CliError(`${(error as Error).message}\n  console of the guest: ${guest.console.path}`, EXIT.failed, { cause: error })
  }
}

async function outcome(scene: Scene, instance: TroveInstance): Promise<string> {
  const { status, statusId, updatedAt } = await instance.status()
  const list = listText(await scene.host.client.instances(), Date.now())
  return `
What Trove's conductor wrote down of the guest's report (service_statuses in Trove's database):
  instance_id ${instance.id}  status ${status} (0x${statusId.toString(16)})  updated_at ${updatedAt?.toISOString() ?? '-'}

What host-server knows (trovestrap status):
${list.replace(/^/gm, '  ').trimEnd()}
`
}

async function keep(scene: Scene, guest: Guest, show: Progress): Promise<void> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort())
  show.say(`It goes on running until Ctrl-C. In another terminal:
  ssh -p ${guest.sshPort} -i ${scene.debug.keyFile} ${scene.debug.user}@127.0.0.1     look around (sudo journalctl -u trovestrap-guest -u trovestrap-agent)
  bin/trovestrap --config ${scene.host.configFile} status --watch
  tail -f ${guest.console.path}                                    its serial console`)
  await pause(2 ** 31 - 1, undefined, { signal: stop.signal }).catch(() => {})
}

const NEXT = `Everything has been stopped again. What to type next:
  npm start -- --keep                              the same, left running to look around
  bin/trovestrap init --name ADDRESS               beside your devstack: the address guests reach this host by
  bin/trovestrap serve
  bin/trovestrap image build BASE.qcow2 -o GUEST.qcow2
  bin/trovestrap approve INSTANCE                  lets a new guest enrol, where no OpenStack is configured to attest it
  bin/trovestrap --help`
