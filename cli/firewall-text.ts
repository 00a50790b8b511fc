import { openPorts } from '../host-setup/firewall/ports.ts'
import type { Planned } from '../host-setup/firewall/open.ts'
import { typedSteps, type Plan } from '../host-setup/firewall/plan.ts'
import type { Obstacle } from '../host-setup/firewall/nftables/obstacles.ts'
import { typed } from '../host-setup/command.ts'

/** What is wished and what is left to type for it. @param hostServer `listen.port` */
export function planText(plan: Plan, hostServer: number): string {
  return [...wishLines(plan, hostServer), ...stepLines(plan), ...obstacleLines(plan.obstacles)].map((line) => `${line}\n`).join('')
}

function wishLines({ content: { opened, exposed }, state }: Plan, hostServer: number): string[] {
  const why = new Map(openPorts(hostServer).map(({ port, because }) => [port, because]))
  return [
    ...(opened
      ? [`with    ${state.opened!.backend}`, `guests  ${opened.guests.join(', ')}, out by ${opened.outbound}, masqueraded`, ...opened.ports.map((port, at) => `${at === 0 ? 'ports ' : '      '}  ${String(port).padEnd(6)} ${why.get(port) ?? ''}`.trimEnd())]
      : []),
    ...exposed.map(({ instance, address, port, to }) => `exposed ${address}:${port} leads to ${to.address}:${to.port}, instance ${instance}`),
  ]
}

function stepLines(plan: Plan): string[] {
  if (plan.steps.length === 0) return ['', 'nothing is left to do']
  return ['', ...typedSteps(plan).flatMap((step) => step.split('\n').map((line) => (line === '' ? '' : `  ${line}`)))]
}

/** Whose chain is in the way, and what to type. */
export function obstacleLines(obstacles: readonly Obstacle[]): string[] {
  return obstacles.flatMap(({ chain, what, certain, mend }) => ['', `${certain ? 'dropped by' : 'may be dropped by'} chain ${chain}, which is not ours: ${what}`, `  ${typed(mend)}`])
}

export function planJson({ plan: { steps, obstacles, state }, remembered }: Planned): object {
  return {
    remembered,
    ...(state.opened && { opened: state.opened }),
    exposed: state.exposed,
    steps: steps.map(({ program, args, input }) => ({ program, args, ...(input === undefined ? {} : { input }) })),
    obstacles: obstacles.map(({ mend, ...rest }) => ({ ...rest, mend: typed(mend) })),
  }
}
