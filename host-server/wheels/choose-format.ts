export type SimpleFormat = 'html' | 'json'

export const SIMPLE_CONTENT_TYPE: Record<SimpleFormat, string> = {
  html: 'text/html; charset=utf-8',
  json: 'application/vnd.pypi.simple.v1+json',
}

/** A Map: an object knows `constructor` too, and whatever else a client may think of. */
const ACCEPTABLE = new Map<string, SimpleFormat>([
  ['application/vnd.pypi.simple.v1+json', 'json'],
  ['application/vnd.pypi.simple.latest+json', 'json'],
  ['application/vnd.pypi.simple.v1+html', 'html'],
  ['application/vnd.pypi.simple.latest+html', 'html'],
  ['text/html', 'html'],
  ['text/*', 'html'],
  ['*/*', 'html'],
])

/**
 * Content negotiation as in PEP 691; of two that are wanted alike, the first.
 * @param accept the request's header; without one HTML, as pip before 22.2 expects
 * @returns undefined when we have nothing that is accepted: 406
 */
export function chooseSimpleFormat(accept: string | undefined): SimpleFormat | undefined {
  if (accept === undefined || accept.trim() === '') return 'html'
  const wishes = accept.split(',').map((wish) => {
    const [type = '', ...parameters] = wish.split(';').map((part) => part.trim().toLowerCase())
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    return { format: ACCEPTABLE.get(type), q: q === undefined ? 1 : Number(q) }
  })
  return wishes.filter(({ format, q }) => format !== undefined && q > 0).sort((a, b) => b.q - a.q)[0]?.format
}
