import { Type } from 'typebox'
import { answerOf } from '../answer-of.ts'
import type { Cloud } from '../cloud.ts'
import type { Patience } from '../http/ask.ts'

const Project = Type.Object({ id: Type.String(), name: Type.String() })
export type Project = Type.Static<typeof Project>

/** Projects of this name, of every domain. @throws CloudError, with status 403 for who is no admin */
export async function projectsNamed(cloud: Cloud, name: string, patience: Patience): Promise<Project[]> {
  const body = await cloud.read({ service: 'identity', path: `/projects?${new URLSearchParams({ name })}` }, patience)
  return answerOf(Type.Object({ projects: Type.Array(Project) }), body, 'Keystone').projects
}
