import { GUEST } from '../../../contract/paths.ts'
import { readText, realPath } from '../../tree.ts'
import { SYSPREP, type Check, type Finding } from '../finding.ts'
import type { Look } from '../look.ts'

const STATE = ['/var/lib/cloud/instance', '/var/lib/cloud/data/instance-id']
const INSTANCES = '/var/lib/cloud/instances'

/** An image that was captured from a guest: cloud-init may take the new one for it, and the agent its guest_id. */
export const cloudInitState: Check = {
  id: 'B4',
  looksFor: 'what another instance left behind',
  find: async (look) => [...(await stateOfCloudInit(look)), ...(await guestInfo(look))],
}

async function stateOfCloudInit({ tree }: Look): Promise<Finding[]> {
  const folder = await realPath(tree, INSTANCES)
  const instances = (folder === undefined ? [] : await tree.list(folder)).map((name) => `${INSTANCES}/${name}`)
  const there = await Promise.all(STATE.map(async (path) => ((await exists(path)) ? [path] : [])))
  const paths = [...there.flat(), ...instances]
  if (paths.length === 0) return []
  return [
    {
      id: 'B4',
      code: 'cloud-init-state',
      level: 'error',
      what: `cloud-init has run in this image already: ${shortened(paths)}`,
      mend: `${SYSPREP}; or cloud-init clean --logs in the base image`,
      path: paths[0]!,
    },
  ]

  /** The link to the present instance may lead nowhere. */
  async function exists(path: string): Promise<boolean> {
    const cut = path.lastIndexOf('/')
    const parent = await realPath(tree, path.slice(0, cut))
    return parent !== undefined && (await tree.lstat(`${parent}${path.slice(cut)}`)) !== undefined
  }
}

async function guestInfo({ tree }: Look): Promise<Finding[]> {
  const found = await Promise.all(GUEST.guestInfo.map(async (path) => ({ path, text: await readText(tree, path, 65_536) })))
  return found
    .filter(({ text }) => text !== undefined)
    .map(({ path, text }) => {
      const id = /^guest_id[ \t]*[=:][ \t]*([\w-]{1,64})/m.exec(text!)?.[1]
      const whose = id === undefined ? '' : `, guest_id ${id}`
      return { id: 'B4', code: 'guest-info-of-another', level: 'error', what: `${path} of another instance is in the image${whose}: every guest would answer for that one`, mend: `${SYSPREP}; or rm ${path} in the base image`, path }
    })
}

function shortened(paths: readonly string[]): string {
  return paths.length <= 3 ? paths.join(', ') : `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more`
}
