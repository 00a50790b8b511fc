import type { WheelFile, WheelIndex } from './read-index.ts'

/** Where a project's page finds the files: /v1/simple/PROJECT/ and /v1/wheels/FILE. */
const WHEELS = '../../wheels/'
const META = { 'api-version': '1.0' }

/** PEP 503. */
export function simpleRootHtml(index: WheelIndex): string {
  return page('Simple index', [...index.projects.keys()].sort().map((project) => `<a href="${project}/">${project}</a>`))
}

/** PEP 691. */
export function simpleRootJson(index: WheelIndex): string {
  return JSON.stringify({ meta: META, projects: [...index.projects.keys()].sort().map((name) => ({ name })) })
}

/** PEP 503, with the digest as the URL's fragment. */
export function simpleProjectHtml(project: string, files: readonly WheelFile[]): string {
  return page(
    project,
    files.map((file) => {
      const requires = file.requiresPython === undefined ? '' : ` data-requires-python="${escape(file.requiresPython)}"`
      return `<a href="${escape(`${address(file)}#sha256=${file.sha256}`)}"${requires}>${escape(file.file)}</a>`
    }),
  )
}

/** PEP 691. */
export function simpleProjectJson(project: string, files: readonly WheelFile[]): string {
  return JSON.stringify({
    meta: META,
    name: project,
    files: files.map((file) => ({
      filename: file.file,
      url: address(file),
      hashes: { sha256: file.sha256 },
      ...(file.requiresPython === undefined ? {} : { 'requires-python': file.requiresPython }),
    })),
  })
}

const address = (file: WheelFile): string => WHEELS + encodeURIComponent(file.file)

function page(title: string, lines: readonly string[]): string {
  const head = `<!DOCTYPE html>\n<html><head><meta name="pypi:repository-version" content="1.0"><title>${escape(title)}</title></head><body>\n`
  return `${head}${lines.map((line) => `${line}<br>\n`).join('')}</body></html>\n`
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)
}
