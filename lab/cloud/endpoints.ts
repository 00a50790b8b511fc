import { HOST } from './network.ts'
import { PORTS } from './ports.ts'

/** Keystone's catalogue, beside Keystone itself. */
export function endpoints(): { type: string; name: string; url: string }[] {
  const at = (port: number, path = '') => `http://${HOST}:${port}${path}`
  return [
    { type: 'image', name: 'glance', url: at(PORTS.glance) },
    { type: 'placement', name: 'placement', url: at(PORTS.placement) },
    { type: 'network', name: 'neutron', url: at(PORTS.neutron) },
    { type: 'compute', name: 'nova', url: at(PORTS.nova, '/v2.1') },
    { type: 'database', name: 'trove', url: at(PORTS.trove, '/v1.0/%(tenant_id)s') },
    { type: 'volumev3', name: 'cinder', url: at(PORTS.volumes, '/v3/%(tenant_id)s') },
  ]
}
