import { CloudError } from './cloud-error.ts'
import type { Catalogue } from './identity/log-in.ts'
import { SERVICES, type CloudSettings, type ServiceType } from './settings/cloud-settings.ts'

/** The address of a service, without a slash at its end and with its version. @throws CloudError that says what the catalogue has instead */
export function addressOf(service: ServiceType, catalogue: Catalogue, settings: CloudSettings): string {
  const url = settings.endpoints[service] ?? endpointOf(service, catalogue, settings)
  return withVersion(service, url.replace(/\/+$/, ''))
}

function endpointOf(service: ServiceType, catalogue: Catalogue, settings: CloudSettings): string {
  const who = `${SERVICES[service]} (type ${service})`
  const all = catalogue.filter(({ type }) => type === service).flatMap(({ endpoints }) => endpoints)
  if (all.length === 0) throw new CloudError(`the catalogue has no ${who}; openstack catalog list shows what it has`)
  const here = settings.region === undefined ? all : all.filter(({ region }) => region === settings.region)
  if (here.length === 0) throw new CloudError(`the catalogue has ${who} in ${listed(all.map(({ region }) => region ?? '?'))}, not in region ${settings.region}: region_name in clouds.yaml, or OS_REGION_NAME`)
  const endpoint = here.find((one) => one.interface === settings.interface)
  if (endpoint === undefined) throw new CloudError(`the catalogue has ${who} as ${listed(here.map((one) => one.interface))}, not as ${settings.interface}: interface in clouds.yaml, or OS_INTERFACE`)
  if (!/^https?:$/.test(URL.parse(endpoint.url)?.protocol ?? '')) throw new CloudError(`the catalogue's address of ${who} is no http(s) address; openstack catalog show ${service} shows it`)
  return endpoint.url
}

/** Catalogues name Neutron and Glance, and sometimes Nova, without a version; Trove's has the project in it and is taken as it is. */
function withVersion(service: ServiceType, url: string): string {
  if (service === 'identity' && !/\/v3$/.test(url)) return `${url}/v3`
  if (service === 'network' && !/\/v2\.0$/.test(url)) return `${url}/v2.0`
  if (service === 'compute' && !/\/v2(\.\d)?(\/[^/]+)?$/.test(url)) return `${url}/v2.1`
  if (service === 'image' && !/\/v2$/.test(url)) return `${url}/v2`
  return url
}

function listed(words: readonly string[]): string {
  return [...new Set(words)].slice(0, 10).join(', ')
}
