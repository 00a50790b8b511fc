import { parseYaml } from '../../../host-server/settings/parse-yaml.ts'

const WANTED = 'expected a YAML mapping under one #cloud-config'

/**
 * Why Trove or cloud-init cannot use a datastore's `*.cloudinit` as it is meant: Trove merges YAML mappings (2025.2 and later) or puts the
 * text in front of its own (before). Never quotes the file: it may hold a password.
 */
export function templateProblem(text: string): string | undefined {
  if (text.startsWith('#!')) return `${WANTED}, got a script: it is dropped, or ends what Trove injects`
  if (/^(Content-Type: *multipart|MIME-Version:)/im.test(text.slice(0, 2000))) return `${WANTED}, got MIME parts, which Trove does not read`
  if ((text.match(/^#cloud-config\b/gm) ?? []).length > 1) return `${WANTED}, got a second #cloud-config`
  const { value, faults } = parseYaml(text)
  if (faults.length > 0) return `${WANTED}, got something else at ${faults[0]!.key}`
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${WANTED}, got ${kindOf(value)}`
  if (!('write_files' in value)) return undefined
  const empty = !Array.isArray(value.write_files) || value.write_files.length === 0
  return empty
    ? 'its write_files is empty, and takes the place of every file that Trove injects'
    : 'it has a write_files of its own, which collides with the files that Trove injects'
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  return Array.isArray(value) ? 'a list' : 'plain text'
}
