import { scrub } from '../../contract/scrub.ts'
import { fateOf } from './old-services.ts'
import { SET_ABOVE, whyNot, whyNotBranch } from './old-variables.ts'
import { sectionsOf } from './sections.ts'
import { statementsOf, type Statement } from './statements.ts'

/** What an older local.conf said, in the words of today. */
export interface TakenOver {
  /** For the localrc section. */
  readonly localrc: readonly string[]
  /** With their headers, for the end of the file. */
  readonly sections: readonly string[]
  /** Of variables that our own part sets: their values as they stand there, quotes included. */
  readonly values: ReadonlyMap<string, string>
  readonly told: readonly Told[]
}

/** One thing that is otherwise than it was. `line` is the old one, without what may be a secret; as it was, it stands in the new file as a comment. */
export interface Told {
  readonly what: 'translated' | 'dropped' | 'not understood'
  readonly line: string
  readonly because: string
}

/** Configuration files whose variable nobody sets any more: devstack would pass over all that follow one. */
const GONE_FILES: Readonly<Record<string, string>> = {
  $TROVE_TASKMANAGER_CONF: '$TROVE_CONF',
  $TROVE_CONDUCTOR_CONF: '$TROVE_CONF',
}
const GONE_FILES_FOR_GOOD = new Set(['$GLANCE_REGISTRY_CONF', '$NOVA_API_PASTE_INI', '$HEAT_CONF', '$CEILOMETER_CONF'])

const PLUGINS_ABOVE = new Set(['trove', 'trove-dashboard'])

/**
 * Takes over an older local.conf: what is still read stays, names that changed are changed, and what is gone or not understood becomes a
 * comment with its reason. Nothing of it is run, and no line is lost.
 */
export function takeOver(text: string): TakenOver {
  const told: Told[] = []
  const values = new Map<string, string>()
  const localrc: string[] = []
  const sections: string[] = []
  const old = sectionsOf(text)
  // A localrc, which local.conf took the place of, has no headers.
  const isLocalrc = old.every(({ name }) => name === undefined)
  for (const { name, lines } of old) {
    if (name === 'local|localrc' || isLocalrc) localrc.push(...statementsOf(lines).flatMap((statement) => inLocalrc(statement, told, values)))
    else if (name === undefined) localrc.push(...lines.map((line) => (/^\s*(?:#|$)/.test(line) ? line : `# above the first header, so never read: ${line}`)))
    else sections.push(...section(name, lines, told))
  }
  return { localrc, sections, values, told }
}

function inLocalrc(statement: Statement, told: Told[], values: Map<string, string>): string[] {
  const { lines, compound } = statement
  const line = lines.join('\n')
  if (!compound && /^\s*(?:#|$)/.test(line)) return [...lines]
  const judged = compound ? undefined : judge(withoutComment(lines), values)
  if (judged === 'kept') return [...lines]
  const { what, because, now = [] } = judged ?? { what: 'not understood' as const, because: 'more than a plain line of bash; take the # away where it is still wanted' }
  if (because !== SET_ABOVE) told.push({ what, line: scrub(lines[0]!.trim()), because })
  return [`# ${what}: ${because}`, ...lines.map((old) => `# ${old}`.trimEnd()), ...now]
}

type Judged = 'kept' | { what: Told['what']; because: string; now?: readonly string[] }

function judge(line: string, values: Map<string, string>): Judged | undefined {
  const [, verb, words] = /^\s*(enable_service|disable_service|enable_plugin)\s+(.+)$/.exec(line) ?? []
  if (words !== undefined && !/[;&|`$(]/.test(words)) return verb === 'enable_plugin' ? plugin(words.trim().split(/\s+/)) : services(verb as 'enable_service', words.split(/[\s,]+/), verb === 'disable_service')
  const [, name, add, value] = /^\s*(?:export\s+)?([A-Za-z_]\w*)(\+?)=(.*)$/s.exec(line) ?? []
  if (name === undefined) return undefined
  if (name === 'ENABLED_SERVICES') return services('ENABLED_SERVICES', plain(value!).split(/[\s,]+/), false, add === '')
  if (name === 'DISABLED_SERVICES') return services('DISABLED_SERVICES', plain(value!).split(/[\s,]+/), true)
  if (name === 'LIBS_FROM_GIT' && add === '') return { what: 'translated', because: 'added to the client above', now: [`LIBS_FROM_GIT+=,${plain(value!)}`] }
  const why = whyNot(name, value!)
  if (why === undefined) return repository(name, value!)
  if (why === SET_ABOVE) values.set(name, value!.trim())
  return why === 'unknown' ? { what: 'not understood', because: `${name} is not known here; take the # away where a plugin reads it` } : { what: 'dropped', because: why }
}

/** Of each name what it is called today; those that are off are left off. */
function services(verb: string, names: readonly string[], off: boolean, whole = false): Judged {
  const wanted: string[] = []
  const unwanted: string[] = []
  const reasons = new Map<string, string[]>()
  const because = (reason: string, name: string): void => void reasons.set(reason, [...(reasons.get(reason) ?? []), name])
  for (const word of names.filter((name) => name !== '' && !name.includes('$'))) {
    const negative = word.startsWith('-') !== off
    const name = word.replace(/^-/, '')
    const fate = fateOf(name)
    if (fate === undefined) {
      because('not known here, and left as it is', name)
      ;(negative ? unwanted : wanted).push(name)
    } else if ('gone' in fate) because(fate.gone, name)
    else {
      if (fate.now !== name) because(`called ${fate.now} today`, name)
      ;(negative ? unwanted : wanted).push(fate.now)
    }
  }
  if (reasons.size === 0 && verb !== 'ENABLED_SERVICES' && verb !== 'DISABLED_SERVICES') return 'kept'
  const list = whole ? ['a list of its own would leave out what is needed since (placement, OVN, etcd3): the default list, and these'] : []
  const now = [...(wanted.length === 0 ? [] : [`enable_service ${wanted.join(' ')}`]), ...(unwanted.length === 0 ? [] : [`disable_service ${unwanted.join(' ')}`])]
  return { what: now.length === 0 ? 'dropped' : 'translated', because: [...list, ...[...reasons].map(([reason, which]) => `${which.join(', ')}: ${reason}`)].join('; ') || 'as devstack spells it today', now }
}

function plugin([name = '', url = '', branch]: readonly string[]): Judged {
  if (PLUGINS_ABOVE.has(name)) return { what: 'dropped', because: `${name} is enabled above; stack.sh ends at a plugin that is enabled twice` }
  if (name === 'python-troveclient') return { what: 'dropped', because: 'the client is no plugin; LIBS_FROM_GIT, above, brings it' }
  if (/^neutron-lbaas/.test(name)) return { what: 'dropped', because: 'neutron-lbaas is no longer maintained; load balancing is Octavia' }
  const now = ofToday(url)
  const ended = branch === undefined ? undefined : whyNotBranch(branch)
  if (now === url && ended === undefined) return 'kept'
  return { what: 'translated', because: [...(now === url ? [] : ['git.openstack.org is now opendev.org']), ...(ended === undefined ? [] : [ended])].join('; '), now: [['enable_plugin', name, now, ...(ended === undefined && branch !== undefined ? [branch] : [])].join(' ')] }
}

function repository(name: string, value: string): Judged {
  const now = ofToday(value)
  return now === value ? 'kept' : { what: 'translated', because: 'git.openstack.org is now opendev.org', now: [`${name}=${now}`] }
}

function ofToday(url: string): string {
  return url.replace(/(?:git|https?):\/\/git\.openstack\.org\/(?:cgit\/)?/, 'https://opendev.org/')
}

function section(name: string, lines: readonly string[], told: Told[]): string[] {
  const [group, file = ''] = name.split('|')
  const now = Object.hasOwn(GONE_FILES, file) ? `${group}|${GONE_FILES[file]!}` : name
  if (GONE_FILES_FOR_GOOD.has(file)) {
    const because = `nobody sets ${file} any more, and devstack passes over every section of ${group} after such a one`
    told.push({ what: 'dropped', line: `[[${name}]]`, because })
    return [`# dropped: ${because}`, `# [[${name}]]`, ...lines.map((line) => `# ${line}`.trimEnd())]
  }
  if (now === name) return [`[[${name}]]`, ...lines]
  const because = 'its options are read from trove.conf'
  told.push({ what: 'translated', line: `[[${name}]]`, because })
  return [`[[${now}]]`, `# translated: ${because}; this was [[${name}]]`, ...lines]
}

/** Without the quotes around it: as bash would have it. */
export function plain(value: string): string {
  return value.trim().replace(/^(["'])(.*)\1$/s, '$2')
}

function withoutComment(lines: readonly string[]): string {
  return lines.join('\n').replaceAll('\\\n', '').replace(/\s+#[^"'\n]*$/, '').trimEnd()
}
