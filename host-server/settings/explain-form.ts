import type { TSchema } from 'typebox'
import { Settings } from 'typebox/system'
import { Value } from 'typebox/value'
import { hideKnown } from '../../contract/scrub.ts'
import { SettingsForm } from './form.ts'
import { nearestName } from './nearest-name.ts'
import type { SettingsFault } from './settings-error.ts'

interface Shape extends TSchema {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Shape>>
  readonly patternProperties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
}

/** @returns every place where the value has not the form of config.yaml, one fault a key, in the order of the file's keys */
export function explainForm(value: unknown): SettingsFault[] {
  const faults = new Map<string, SettingsFault>()
  const add = (path: readonly string[], problem: string) => {
    const key = path.join('.') || 'file'
    if (!faults.has(key)) faults.set(key, { key, problem })
  }
  for (const error of allErrors(value)) {
    const path = error.instancePath.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    const params = error.params as { requiredProperties?: string[]; additionalProperties?: string[] }
    if (error.keyword === 'additionalProperties') {
      for (const name of params.additionalProperties ?? []) add([...path, name], unknownKey(path, name))
    } else if (error.keyword === 'required') {
      for (const name of params.requiredProperties ?? []) add([...path, name], `expected ${expected([...path, name])}, got nothing`)
    } else if (error.keyword !== 'boolean') {
      add(path, `expected ${expected(path)}, got ${shown(at(value, path), path)}`)
    }
  }
  return [...faults.values()]
}

/** TypeBox stops at eight errors unless told otherwise; the setting is global, so it is put back. */
function allErrors(value: unknown): ReturnType<typeof Value.Errors> {
  const { maxErrors } = Settings.Get()
  Settings.Set({ maxErrors: 10_000 })
  try {
    return Value.Errors(SettingsForm.schema, value)
  } finally {
    Settings.Set({ maxErrors })
  }
}

function unknownKey(path: readonly string[], name: string): string {
  const known = Object.keys(shapeAt(path).properties ?? {})
  const nearest = nearestName(name, known)
  return `is not a key of this file; ${nearest === undefined ? `known here: ${known.join(', ')}` : `did you mean ${[...path, nearest].join('.')}?`}`
}

function expected(path: readonly string[]): string {
  return shapeAt(path).description ?? 'something else'
}

function shapeAt(path: readonly string[]): Shape {
  return path.reduce<Shape>((shape, part) => {
    return shape.properties?.[part] ?? shape.items ?? Object.values(shape.patternProperties ?? {})[0] ?? shape
  }, SettingsForm.schema as Shape)
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, part) => (inner as Record<string, unknown> | undefined)?.[part], value)
}

/** Values of overrides are named by their kind alone: transport_url, with its password, may stand there. */
function shown(value: unknown, path: readonly string[]): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object' && value !== null) return 'a section'
  // Another file than a configuration, named by mistake.
  if (path.length === 0) return `a ${typeof value}`
  if (path[0] === 'guest_config' && path[1] === 'overrides') return `a ${typeof value}`
  const text = hideKnown(JSON.stringify(value) ?? 'nothing')
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
