import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Secret } from '../../contract/secret.ts'
import type { Broker } from '../broker.ts'
import type { Service } from '../service.ts'
import { NEUTRON_DRIVERS, NEUTRON_HOST } from './neutron.ts'
import { program, writeConf } from './openstack-program.ts'
import { osloConf } from './oslo-conf.ts'

/** Neutron's L3 agent: routers, floating addresses and port forwarding are network namespaces and iptables of its making. Needs Neutron and RabbitMQ. */
export async function startRouterAgent(dir: string, transportUrl: Secret, broker: Broker): Promise<Service> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const config = join(dir, 'l3-agent.conf')
  await writeConf(config, routerAgentConf(dir, transportUrl, config))
  const agent = program({
    name: 'neutron-l3-agent',
    dir,
    args: ['--config-file', config],
    env: NEUTRON_DRIVERS,
    ready: async () => ((await broker.consumers(`l3_agent.${NEUTRON_HOST}`, 'neutron')) ?? 0) > 0,
    readiness: 'to listen on its queue',
  })
  await agent.start()
  return agent
}

function routerAgentConf(dir: string, transportUrl: Secret, config: string): string {
  return osloConf({
    DEFAULT: {
      host: NEUTRON_HOST,
      transport_url: transportUrl.reveal(),
      state_path: dir,
      interface_driver: 'aliased_bridge.AliasedBridge',
      agent_mode: 'legacy',
      enable_metadata_proxy: false,
    },
    // sudo and rootwrap would be asked for what root may do: env runs it as it is
    agent: { root_helper: 'env', extensions: 'port_forwarding' },
    oslo_concurrency: { lock_path: dir },
    privsep: { helper_command: `privsep-helper --config-file ${config}` },
  })
}
