import type { GuestSeen } from '../../evidence.ts'

/** What cloud-init says of its own run: /run/cloud-init/result.json (there once it is through) and the instance it took itself to be on. */
export function cloudInitOf(texts: ReadonlyMap<string, string>): GuestSeen['cloud_init'] {
  const id = texts.get('/var/lib/cloud/data/instance-id')?.trim().slice(0, 200)
  const result = resultOf(texts.get('/run/cloud-init/result.json'))
  if (!id && result === undefined) return undefined
  return { ...(result?.datasource === undefined ? {} : { datasource: result.datasource }), errors: result?.errors ?? [], ...(id ? { instance_id: id } : {}) }
}

function resultOf(text: string | undefined): { datasource?: string; errors: string[] } | undefined {
  try {
    const { v1 } = JSON.parse(text ?? '') as { v1?: { datasource?: unknown; errors?: unknown } }
    if (typeof v1 !== 'object' || v1 === null) return undefined
    const errors = Array.isArray(v1.errors) ? v1.errors.slice(0, 50).map((error) => String(error).slice(0, 1900)) : []
    return { ...(typeof v1.datasource === 'string' ? { datasource: v1.datasource.slice(0, 200) } : {}), errors }
  } catch {
    return undefined
  }
}
