import { readText, stat } from '../../tree.ts'
import type { Check, Finding } from '../finding.ts'
import type { Look } from '../look.ts'
import { readUnit } from '../unit.ts'

const PROGRAMS = ['/usr/bin/cloud-init', '/usr/local/bin/cloud-init']
/** Its two stages until files are written; the network stage has another name since 24.3. */
const STAGES = [['cloud-init-local.service'], ['cloud-init-network.service', 'cloud-init.service'], ['cloud-init-main.service']]

/** Trove's files come through cloud-init, and so does the network on most clouds. */
export const cloudInit: Check = {
  id: 'B3',
  looksFor: 'cloud-init missing or turned off',
  async find(look) {
    const { tree } = look
    const there = await Promise.all(PROGRAMS.map((path) => stat(tree, path)))
    if (!there.some((node) => node?.type === 'file')) {
      return [finding(look, 'cloud-init-missing', `the image has no cloud-init (${PROGRAMS.join(', ')}), through which Trove injects its files`, 'install cloud-init in the base image')]
    }
    return [...(await switchedOff(look)), ...(await masked(look))]
  },
}

async function switchedOff(look: Look): Promise<Finding[]> {
  const path = '/etc/cloud/cloud-init.disabled'
  const off = (await stat(look.tree, path)) ? [finding(look, 'cloud-init-disabled', `${path} keeps cloud-init from starting`, `rm ${path} in the base image`, path)] : []
  const identify = '/etc/cloud/ds-identify.cfg'
  const policy = /^[ \t]*policy:[ \t]*["']?([a-z]+)/m.exec((await readText(look.tree, identify, 65_536)) ?? '')?.[1]
  if (policy !== 'disabled') return off
  return [...off, finding(look, 'cloud-init-disabled', `${identify} says policy: disabled, which keeps cloud-init from starting`, `remove that line from ${identify} in the base image`, identify)]
}

async function masked(look: Look): Promise<Finding[]> {
  const stages = await Promise.all(STAGES.map((names) => Promise.all(names.map((name) => readUnit(look.tree, name)))))
  // A unit of one of its versions is missing in every image.
  const off = stages.flatMap((units) => (units.some(({ path, masked: hidden }) => path !== undefined && !hidden) ? [] : units.filter((unit) => unit.masked)))
  return off.map(({ name, path }) => finding(look, 'cloud-init-masked', `${name} is masked (${path}): cloud-init does not write Trove's files`, `systemctl unmask ${name} in the base image`, path))
}

function finding({ agent }: Look, code: string, what: string, mend: string, path?: string): Finding {
  const restored = agent === 'ours' ? '. The daemon restores them itself; network and host name are then the image\'s own matter' : ''
  return { id: 'B3', code, level: agent === 'ours' ? 'warning' : 'error', what: `${what}${restored}`, mend, ...(path === undefined ? {} : { path }) }
}
