/** A file in oslo.config's INI form, kept line by line so that comments and order survive a change. */
export class OsloConfig {
  readonly #lines: Line[]

  private constructor(lines: Line[]) {
    this.#lines = lines
  }

  /**
   * Reads as oslo_config.iniparser reads: an indented line goes on with the option above it, whatever it holds; a comment or an
   * empty line ends it.
   * @param name of the file, for the error
   * @throws OsloConfigError with the line's number where oslo.config would refuse the file
   */
  static parse(text: string, name: string): OsloConfig {
    const lines: Line[] = []
    let section: string | undefined
    let open: Line | undefined
    for (const [index, raw] of text.replace(/\r\n?/g, '\n').replace(/\n$/, '').split('\n').entries()) {
      const refuse = (why: string): never => {
        throw new OsloConfigError(`${name}:${index + 1}: ${why}`)
      }
      const text = raw.trimEnd()
      if (/^[ \t]/.test(text)) {
        if (open === undefined) refuse('expected an option above this indented line; take the blanks at its start away')
        open!.raw.push(raw)
        open!.value = `${open!.value}\n${text.trimStart()}`
        continue
      }
      open = undefined
      if (text.startsWith('[')) {
        if (!/^\[.+\]$/.test(text)) refuse('expected a section such as [DEFAULT] and nothing behind it')
        section = text.slice(1, -1)
        lines.push({ raw: [raw], section, header: true })
        continue
      }
      if (text === '' || text.startsWith('#') || text.startsWith(';')) {
        lines.push({ raw: [raw], ...(section === undefined ? {} : { section }) })
        continue
      }
      const [, key, value] = /^([^=:]*)[=:](.*)$/s.exec(text) ?? refuse('expected "option = value"')
      if (key!.trim() === '') refuse('expected the name of an option before the "="')
      if (section === undefined) refuse('an option stands before the first section; expected [DEFAULT] above it')
      open = { raw: [raw], section: section!, key: key!.trim(), value: unquote(value!.trim()) }
      lines.push(open)
    }
    return new OsloConfig(lines)
  }

  /** The effective value: the last one counts, as in oslo.config for all options but multi-valued ones. */
  get(section: string, key: string): string | undefined {
    return this.#lines.findLast((line) => isIn(line, section) && line.key === key)?.value
  }

  has(section: string): boolean {
    return this.#lines.some((line) => isIn(line, section))
  }

  sections(): string[] {
    return [...new Set(this.#lines.flatMap((line) => line.section ?? []))]
  }

  /** Names of the options that are set in a section. */
  keys(section: string): string[] {
    return [...new Set(this.#lines.flatMap((line) => (isIn(line, section) && line.key !== undefined ? line.key : [])))]
  }

  /** Every option that is set with its effective value, in the order in which sections and options first stand; in one pass, however many there are. */
  options(): { section: string; key: string; value: string }[] {
    const sections = new Map<string, Map<string, string>>()
    for (const { section, key, value = '' } of this.#lines) {
      if (section === undefined) continue
      const options = sections.get(normal(section)) ?? new Map<string, string>()
      sections.set(normal(section), options)
      if (key !== undefined) options.set(key, value)
    }
    return [...sections].flatMap(([section, options]) => [...options].map(([key, value]) => ({ section, key, value })))
  }

  /**
   * Changes the effective value in its place; adds it at the end of the section, or the section at the end of the file.
   * @throws OsloConfigError for a name or value that would be read back as something else
   */
  set(section: string, key: string, value: string): void {
    if (!NAME.test(section) || !NAME.test(key)) throw new OsloConfigError('the name of a section or option to set cannot be written in an INI file')
    const line: Line = { raw: [`${key} = ${quote(value).split('\n').join('\n    ')}`], section, key, value }
    if (!isReadBack(line)) throw new OsloConfigError(`[${section}] ${key}: the value cannot be written in an INI file; an empty line or blanks at the end of a line are lost there`)
    const present = this.#lines.findLastIndex((line) => isIn(line, section) && line.key === key)
    if (present >= 0) this.#lines[present] = line
    else {
      if (!this.has(section)) this.#lines.push({ raw: [`[${section}]`], section, header: true })
      const end = this.#lines.findLastIndex((line) => isIn(line, section) && (line.header || line.key !== undefined))
      this.#lines.splice(end + 1, 0, line)
    }
  }

  /** Puts a comment in the place of every setting of the option. */
  drop(section: string, key: string, comment: string): void {
    for (const [index, line] of this.#lines.entries()) {
      if (isIn(line, section) && line.key === key) this.#lines[index] = { raw: [`# ${comment.replace(/\s*[\r\n]\s*/g, ' ')}`], section }
    }
  }

  /** Removes a section with all that is in it, comments too. */
  dropSection(section: string): void {
    this.#lines.splice(0, Infinity, ...this.#lines.filter((line) => !isIn(line, section)))
  }

  toString(): string {
    return this.#lines.map((line) => line.raw.join('\n') + '\n').join('')
  }
}

/** What oslo.config sees of several files read one after the other: the last that sets an option wins. */
export function effective(files: readonly OsloConfig[]): Pick<OsloConfig, 'get'> {
  return {
    get(section, key) {
      return files.findLast((file) => file.get(section, key) !== undefined)?.get(section, key)
    },
  }
}

/** oslo_config.types.Boolean: true/1/on/yes; everything else that is set counts as false here. */
export function isTrue(value: string | undefined): boolean {
  return /^(true|1|on|yes)$/i.test(value?.trim() ?? '')
}

/** Names the file and the line. The line itself is not quoted where a secret could stand in it. */
export class OsloConfigError extends Error {
  override readonly name = 'OsloConfigError'
}

interface Line {
  /** As in the file; more than one where a value goes on over several lines. */
  raw: string[]
  section?: string
  header?: boolean
  key?: string
  value?: string
}

/** What a message can name: nothing that speaks to a terminal. */
const NAME = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u

/** Whether a line to be written says what it is meant to say. */
function isReadBack({ raw, section, key, value }: Line): boolean {
  try {
    const [first, ...more] = OsloConfig.parse(`[${section}]\n${raw[0]}`, '').options()
    return more.length === 0 && first?.section === normal(section!) && first.key === key && first.value === value
  } catch {
    return false
  }
}

function isIn(line: Line, section: string): boolean {
  return line.section !== undefined && normal(line.section) === normal(section)
}

/** oslo.config looks a section up in lower case, all but DEFAULT: two spellings of one section are one. */
function normal(section: string): string {
  return section === 'DEFAULT' ? section : section.toLowerCase()
}

function unquote(value: string): string {
  return /^["']/.test(value) && value.at(0) === value.at(-1) ? value.slice(1, -1) : value
}

/** What `unquote` would take away, or a trim. */
function quote(value: string): string {
  const first = value.split('\n')[0]!
  if (value.includes('\n') || (first === first.trim() && unquote(first) === first)) return value
  return `"${value}"`
}
