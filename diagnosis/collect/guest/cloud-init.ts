import type { GuestSeen } from '../../evidence.ts'

/**
 * What cloud-init says of its own run: status.json, which there is from its first stage on (result.json comes with the last, which images of
 * ours leave out), and the instance it took itself to be on.
 */
export function cloudInitOf(texts: ReadonlyMap<string, string>): GuestSeen['cloud_init'] {
  const id = texts.get('/var/lib/cloud/data/instance-id')?.trim().slice(0, 200)
  const status = statusOf(texts.get('/run/cloud-init/status.json'))
  if (!id && status === undefined) return undefined
  const { datasource } = status ?? {}
  return {
    ...(typeof datasource === 'string' ? { datasource: datasource.slice(0, 200) } : {}),
    errors: Object.values(status ?? {}).flatMap(errorsOf).slice(0, 50),
    ...(id ? { instance_id: id } : {}),
  }
}

/** Its `v1`: `datasource`, `stage`, and an object for each stage. */
function statusOf(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const { v1 } = JSON.parse(text ?? '') as { v1?: unknown }
    return typeof v1 === 'object' && v1 !== null ? (v1 as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function errorsOf(stage: unknown): string[] {
  const errors: unknown = typeof stage === 'object' && stage !== null && 'errors' in stage ? stage.errors : undefined
  return Array.isArray(errors) ? errors.map((error) => String(error).slice(0, 1900)) : []
}
