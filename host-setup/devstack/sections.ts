/** A part of a local.conf: what stands before the first header, or below one, as devstack's inc/meta-config divides it. */
export interface Section {
  /** `local|localrc`, `post-config|$NOVA_CONF`; absent for what no header is above. devstack never reads that. */
  readonly name?: string
  readonly lines: readonly string[]
}

/** @param text of a local.conf, or of an old localrc, which is one section without a header */
export function sectionsOf(text: string): Section[] {
  const sections: { name?: string; lines: string[] }[] = [{ lines: [] }]
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const name = headerOf(line)
    if (name === undefined) sections.at(-1)!.lines.push(line)
    else sections.push({ name, lines: [] })
  }
  return sections.filter(({ name, lines }) => name !== undefined || lines.some((line) => line !== ''))
}

/** awk takes the first word of such a line and drops every bracket in it. */
function headerOf(line: string): string | undefined {
  return /^\[\[.+\|.*\]\]/.test(line) ? line.split(/\s/, 1)[0]!.replace(/[[\]]/g, '') : undefined
}
