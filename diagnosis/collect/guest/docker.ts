import type { GuestSeen } from '../../evidence.ts'
import { linesOf, type Sections } from './sections.ts'

interface Container {
  readonly Names?: unknown
  readonly Image?: unknown
  readonly State?: unknown
  readonly Status?: unknown
}

/** The container engine's answers; undefined where it has no socket. */
export function dockerOf(sections: Sections): GuestSeen['docker'] {
  const status = sections.get('docker-status')?.trim()
  const answer = sections.get('docker-1-containers')
  if (status === undefined && answer === undefined) return undefined
  const containers = listOf<Container>(answer)
  if (containers === undefined) return { answers: false, containers: [], images: [], said: whyNot(answer, status) }
  const images = listOf<{ RepoTags?: unknown }>(sections.get('docker-2-images')) ?? []
  return {
    answers: true,
    containers: containers.slice(0, 100).map(({ Names, Image, State, Status }) => [first(Names).replace(/^\//, ''), Image, State, Status].map(text).join(' ').trim()),
    images: images.slice(0, 100).flatMap(({ RepoTags }) => (Array.isArray(RepoTags) ? RepoTags.slice(0, 20).map(text) : [])),
  }
}

/** The end of the database container's own log. It comes in frames of eight bytes and a piece of text. */
export function containerLogOf(sections: Sections): string[] {
  const answer = sections.get('docker-3-logs') ?? ''
  return /^HTTP\/1\.[01] 200/.test(answer) ? linesOf(bodyOf(answer).replace(/[\u0000-\u0002]\u0000{3}[^\n]{4}/g, ''), 40) : []
}

function whyNot(answer: string | undefined, status: string | undefined): string {
  const failed = /^failed: (.*)/m.exec(answer ?? '')?.[1] ?? /^HTTP\/1\.[01] (.*)/.exec(answer ?? '')?.[1]
  if (failed !== undefined) return failed.trim().slice(0, 300)
  if (status === '127') return 'neither perl nor python3 is there to ask it'
  return status === '124' || status === undefined ? 'no answer within 4 s' : 'its answer is not that of a container engine'
}

function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4)
}

/** HTTP/1.0 was asked for, but an engine may answer in chunks all the same: the list is what stands between the first and the last bracket. */
function listOf<T>(answer: string | undefined): T[] | undefined {
  if (!/^HTTP\/1\.[01] 200/.test(answer ?? '')) return undefined
  const body = bodyOf(answer!)
  try {
    const list: unknown = JSON.parse(body.slice(body.indexOf('['), body.lastIndexOf(']') + 1).replace(/\r\n[0-9a-f]+\r\n/g, ''))
    return Array.isArray(list) ? (list.filter((item) => typeof item === 'object' && item !== null) as T[]) : undefined
  } catch {
    return undefined
  }
}

function first(names: unknown): string {
  return Array.isArray(names) ? text(names[0]) : ''
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 300) : ''
}
