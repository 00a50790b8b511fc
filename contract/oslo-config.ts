/** A file in oslo.config's INI form, kept line by line so that comments and order survive a change. */
export class OsloConfig {
  readonly #lines: Line[]

  private constructor(lines: Line[]) {
    this.#lines = lines
  }

  /**
   * @param name of the file, for the error
   * @throws OsloConfigError with the line's number where oslo.config would refuse the file
   */
  static parse(text: string, name: string): OsloConfig {
    const lines: Line[] = []
    let section: string | undefined
    let last: Line | undefined
    for (const [index, raw] of text.replace(/\r\n/g, '\n').replace(/\n$/, '').split('\n').entries()) {
      const refuse = (why: string): never => {
        throw new OsloConfigError(`${name}:${index + 1}: ${why}`)
      }
      const line: Line = { raw: [raw], ...(section === undefined ? {} : { section }) }
      if (/^\s+\S/.test(raw) && last?.key !== undefined && !/^\s+[#;]/.test(raw)) {
        last.raw.push(raw)
        last.value = `${last.value}\n${raw.trim()}`
        continue
      }
      const text = raw.trim()
      if (text === '' || text.startsWith('#') || text.startsWith(';')) {
        lines.push(line)
        last = text === '' ? undefined : last
        continue
      }
      if (text.startsWith('[')) {
        const header = /^\[([^\]]+)\]$/.exec(text)
        if (!header) refuse(`expected a section such as [DEFAULT], got ${JSON.stringify(text.slice(0, 40))}`)
        section = header![1]!
        lines.push({ raw: [raw], section, header: true })
        last = undefined
        continue
      }
      const option = /^([^=:\s][^=:]*?)\s*[=:]\s*(.*)$/.exec(text)
      if (!option) refuse('expected "option = value"')
      if (section === undefined) refuse(`the option ${option![1]} stands before the first section; expected [DEFAULT] above it`)
      last = { raw: [raw], section: section!, key: option![1]!, value: unquote(option![2]!) }
      lines.push(last)
    }
    return new OsloConfig(lines)
  }

  /** The effective value: the last one counts, as in oslo.config for all options but multi-valued ones. */
  get(section: string, key: string): string | undefined {
    return this.#lines.findLast((line) => line.section === section && line.key === key)?.value
  }

  has(section: string): boolean {
    return this.#lines.some((line) => line.section === section)
  }

  sections(): string[] {
    return [...new Set(this.#lines.flatMap((line) => line.section ?? []))]
  }

  /** Names of the options that are set in a section. */
  keys(section: string): string[] {
    return [...new Set(this.#lines.flatMap((line) => (line.section === section && line.key !== undefined ? line.key : [])))]
  }

  /** Changes the effective value in its place; adds it at the end of the section, or the section at the end of the file. */
  set(section: string, key: string, value: string): void {
    const line: Line = { raw: [`${key} = ${value.split('\n').join('\n    ')}`], section, key, value }
    const present = this.#lines.findLastIndex((line) => line.section === section && line.key === key)
    if (present >= 0) this.#lines[present] = line
    else {
      if (!this.has(section)) this.#lines.push({ raw: [`[${section}]`], section, header: true })
      const end = this.#lines.findLastIndex((line) => line.section === section && (line.header || line.key !== undefined))
      this.#lines.splice(end + 1, 0, line)
    }
  }

  /** Puts a comment in the place of every setting of the option. */
  drop(section: string, key: string, comment: string): void {
    for (const [index, line] of this.#lines.entries()) {
      if (line.section === section && line.key === key) this.#lines[index] = { raw: [`# ${comment}`], section }
    }
  }

  /** Removes a section with all that is in it, comments too. */
  dropSection(section: string): void {
    this.#lines.splice(0, Infinity, ...this.#lines.filter((line) => line.section !== section))
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

function unquote(value: string): string {
  const quoted = /^(["'])(.*)\1$/s.exec(value)
  return quoted ? quoted[2]! : value
}
