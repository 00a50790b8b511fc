import { isSection } from '../settings/read-cloud.ts'
import type { Answer } from './ask.ts'

/** What a service says in its error, in one line: {"forbidden": {"message": …}}, {"NeutronError": {"message": …}}, {"error": {…}}; Glance's {"message": …} ends in HTML. */
export function said({ body }: Answer): string {
  if (!isSection(body)) return 'nothing that can be read'
  const inner = Object.values(body).find((value) => isSection(value) && typeof value['message'] === 'string')
  const message = isSection(inner) ? inner['message'] : body['message']
  return typeof message === 'string' ? message.replace(/<br ?\/>|\s+/g, ' ').replace(/ +/g, ' ').trim().slice(0, 300) : 'nothing that can be read'
}
