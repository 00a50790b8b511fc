/** A section's options; one that is undefined is left out. */
export type Options = Readonly<Record<string, string | number | boolean | undefined>>

/** A configuration file as oslo.config reads it. */
export function osloConf(sections: Readonly<Record<string, Options>>): string {
  return Object.entries(sections)
    .map(([name, options]) => `[${name}]\n${lines(options)}`)
    .join('\n')
}

function lines(options: Options): string {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('')
}
