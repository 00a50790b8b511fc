/** PEP 503. */
export function normalizeProject(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase()
}

/**
 * Project (normalised) and version by the file's name: `NAME-VERSION(-BUILD)?-PYTHON-ABI-PLATFORM.whl`, or `NAME-VERSION.tar.gz`.
 * @returns undefined when it is neither
 */
export function parseDistribution(file: string): { project: string; version: string } | undefined {
  const wheel = /^([A-Za-z0-9][\w.]*)-(\d[\w.!+]*)(?:-\d\w*)?-[\w.]+-[\w.]+-[\w.]+\.whl$/.exec(file)
  const [, name, version] = wheel ?? /^([A-Za-z0-9][\w.-]*)-(\d[\w.!+]*)(?:\.tar\.gz|\.zip)$/.exec(file) ?? []
  if (name === undefined || version === undefined) return undefined
  return { project: normalizeProject(name), version }
}
