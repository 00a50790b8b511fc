/** host-server's addresses. Who may use which stands in host-server/doors.ts. */
export const ROUTES = {
  health: '/healthz',
  openapi: '/openapi.json',
  enrol: '/v1/enrol',
  manifest: '/v1/manifest',
  content: '/v1/content/:sha256',
  contents: '/v1/contents',
  config: '/v1/config/:instance',
  reports: '/v1/reports/:instance',
  simple: '/v1/simple/',
  simpleProject: '/v1/simple/:project/',
  wheel: '/v1/wheels/:file',
  instances: '/v1/instances',
  instance: '/v1/instances/:instance',
  refreshAll: '/v1/refresh',
  refresh: '/v1/instances/:instance/refresh',
  hold: '/v1/instances/:instance/hold',
  release: '/v1/instances/:instance/release',
} as const

/** Says yes in the manifest's answer where the guest is to follow the tree: to ask again with If-None-Match and `Prefer: wait=SECONDS`. */
export const FOLLOW_HEADER = 'trovestrap-follow'

/** Fills the one parameter of a route. */
export function address(route: string, parameter: string): string {
  return route.replace(/:[a-z0-9]+/, encodeURIComponent(parameter))
}
