import { isIP } from 'node:net'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { DEFAULT_PORT } from '../../contract/paths.ts'
import { DURATION_FORM, parseDuration } from './duration.ts'

// Every description below completes the sentence "expected …".

const NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i

const section = <P extends Record<string, Type.TSchema>>(properties: P) =>
  Type.Object(properties, { additionalProperties: false, default: {}, description: 'a section: keys with values, indented' })

const text = (description: string, rest: { default?: string; maxLength?: number } = {}) =>
  Type.String({ minLength: 1, maxLength: 4096, description, ...rest })

const duration = (fallback: string) =>
  Type.Refine(text(DURATION_FORM, { default: fallback }), (value) => parseDuration(value) !== undefined)

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const

/** config.yaml as it is written. Durations are still text here. */
export const SettingsForm = {
  schema: section({
    listen: section({
      address: Type.Refine(text('an IP address of this host, or 0.0.0.0 for all', { default: '0.0.0.0' }), (value) => isIP(value) > 0),
      port: Type.Integer({ minimum: 1, maximum: 65535, default: DEFAULT_PORT, description: '1 to 65535' }),
    }),
    names: Type.Array(
      Type.Refine(text('a host name or IP address without scheme and port'), (value) => isIP(value) > 0 || NAME.test(value)),
      { minItems: 1, maxItems: 32, description: 'a list with at least one name or address by which guests reach this host' },
    ),
    state: text('a folder', { default: '/var/lib/trovestrap' }),
    source: section({
      path: text('the folder of a Trove checkout'),
      exclude: Type.Array(text('a gitignore pattern in quotes'), {
        default: ['.*', '__pycache__', '*.pyc'],
        description: 'a list of gitignore patterns in quotes',
      }),
      git_ignored: Type.Boolean({ default: false, description: 'true or false' }),
      version: Type.Optional(text('a version in quotes, such as "18.0.0"', { maxLength: 100 })),
    }),
    guest_config: section({
      path: text('the path of trove-guestagent.conf', { default: '/etc/trove/trove-guestagent.conf' }),
      trove_conf: text('the path of trove.conf', { default: '/etc/trove/trove.conf' }),
      overrides: Type.Record(
        Type.String(),
        Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()], { description: 'a text, a number, true or false' }), {
          description: 'options and their values',
        }),
        { default: {}, description: 'sections, each with options and their values' },
      ),
      service_credentials: Type.Boolean({ default: false, description: 'true or false' }),
    }),
    python: section({
      wheels: Type.Optional(text('a folder of wheels')),
      requirements: Type.Array(text('a requirement in quotes, such as "passlib>=1.7.4"', { maxLength: 1000 }), {
        default: [],
        maxItems: 1000,
        description: 'a list of requirements in quotes',
      }),
      constraints: Type.Optional(text('the path of a constraints file')),
    }),
    openstack: Type.Optional(
      Type.Refine(
        Type.Object(
          {
            cloud: Type.Optional(text('the name of a cloud in clouds.yaml')),
            clouds_file: Type.Optional(text('the path of a clouds.yaml')),
            from_environment: Type.Boolean({ default: false, description: 'true or false' }),
          },
          { additionalProperties: false, description: 'either cloud, the name of a cloud in clouds.yaml, or from_environment: true for OS_* variables' },
        ),
        ({ cloud, clouds_file, from_environment }) => (from_environment === true ? cloud === undefined && clouds_file === undefined : cloud !== undefined),
      ),
    ),
    lifetimes: section({ token: duration('30d'), credential: duration('30d'), certificate: duration('365d'), records: duration('90d') }),
    log: section({ level: Type.Union(LEVELS.map((level) => Type.Literal(level)), { default: 'info', description: `one of ${LEVELS.join(', ')}` }) }),
  }),

  /** Fills the defaults in; a key without a value (everything below it is commented out) counts as absent. */
  fill(value: unknown): unknown {
    return Value.Default(SettingsForm.schema, withoutNull(value ?? {}))
  },
}
export type SettingsForm = Type.Static<typeof SettingsForm.schema>

function withoutNull(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, withoutNull(inner)]])),
  )
}
