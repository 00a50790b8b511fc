/** What `head -v` and `tail -v` print of several files: path and content. */
export function filesOf(text: string | undefined): Map<string, string> {
  const files = new Map<string, string>()
  const headed = [...(text ?? '').matchAll(/(?:^|\n)==> (\/.*) <==\n/g)]
  for (const [index, head] of headed.entries()) {
    const content = text!.slice(head.index + head[0].length, headed[index + 1]?.index)
    if (!files.has(head[1]!)) files.set(head[1]!, content)
  }
  return files
}
