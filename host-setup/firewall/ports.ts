/** A port of the host that guests and those who work with them need. */
export interface OpenPort {
  readonly port: number
  readonly because: string
}

/** TCP, by the services' own defaults. */
const OF_THE_CONTROL_PLANE: readonly OpenPort[] = [
  { port: 80, because: 'dashboard and, behind Apache, the APIs' },
  { port: 443, because: 'the same over TLS' },
  { port: 5671, because: 'RabbitMQ over TLS' },
  { port: 5672, because: 'RabbitMQ: the agent takes its work and reports there' },
  { port: 6080, because: "noVNC: the instances' consoles" },
  { port: 8080, because: 'Swift: backups' },
  { port: 8776, because: 'Cinder: volumes' },
  { port: 9696, because: 'Neutron' },
]

/** @param hostServer `listen.port` of the configuration */
export function openPorts(hostServer: number): OpenPort[] {
  const others = OF_THE_CONTROL_PLANE.filter(({ port }) => port !== hostServer)
  return [...others, { port: hostServer, because: 'host-server: source, configuration and reports' }].sort((a, b) => a.port - b.port)
}
