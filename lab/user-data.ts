/** A file that Trove has cloud-init write into the guest. */
export interface InjectedFile {
  readonly path: string
  readonly content: string
}

/** The user data that trove-taskmanager gives to Nova, byte for byte (trove/instance/models.py, prepare_cloud_config). */
export function userData(files: readonly InjectedFile[], owner = 'root:root'): string {
  const entries = files.map(({ path, content }) =>
    ['- encoding: b64', `  owner: ${owner}`, `  path: ${path}`, `  content: ${Buffer.from(content).toString('base64')}`, ''].join('\n'),
  )
  return entries.length === 0 ? '' : `#cloud-config\nwrite_files:\n${entries.join('')}`
}
