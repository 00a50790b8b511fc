import { GUEST } from '../../../contract/paths.ts'
import { readText, realPath, stat, type Tree } from '../../tree.ts'
import type { Check, Finding } from '../finding.ts'
import { meets } from '../version-specifier.ts'

/** The one that the agent runs with comes first: an image with Trove's venv uses that. */
const INTERPRETERS = [`${GUEST.imageVenv}/bin/python`, `${GUEST.imageVenv}/bin/python3`, '/usr/bin/python3', '/usr/local/bin/python3']

export const python: Check = {
  id: 'B7',
  looksFor: 'Python missing or too old for the tree that is served',
  async find({ tree, facts: { pythonRequires: requires } }) {
    const found = await interpreter(tree)
    if (!found) return [finding('python-missing', `the image has no Python (looked for ${INTERPRETERS.join(', ')}), in which Trove's agent is written`, 'install python3 in the base image', INTERPRETERS[2])]
    if (requires === undefined || requires.trim() === '') return []
    const { path, version } = found
    if (version === undefined) return [{ ...finding('python-unknown', `the version of ${path} cannot be told, so it was not compared with ${requires}`, `compare it by hand: ${path} --version in the guest`, path), level: 'note' }]
    const fits = meets(requires, version)
    if (fits === undefined) return [{ ...finding('python-unknown', `expected versions such as >=3.11, got ${JSON.stringify(requires.slice(0, 80))}, so ${path} was not compared`, 'trovestrap image check IMAGE --python-requires SPEC', path), level: 'note' }]
    if (fits) return []
    return [finding('python-too-old', `${path} is Python ${version.join('.')}; the tree to be served requires ${requires}`, 'take a base image with a fitting Python (3.11: Debian 12; 3.12: Ubuntu 24.04), or serve another branch of Trove', path)]
  },
}

async function interpreter(tree: Tree): Promise<{ path: string; version?: readonly [number, number] | undefined } | undefined> {
  for (const path of INTERPRETERS) {
    const node = await stat(tree, path)
    if (node?.type === 'file') return { path, version: versionIn(node.path) ?? (await versionOfVenv(tree, path)) ?? (await versionOfLibrary(tree, path)) }
  }
  return undefined
}

/** /usr/bin/python3 leads to /usr/bin/python3.11. */
function versionIn(path: string): readonly [number, number] | undefined {
  const [, major, minor] = /\/python(\d)\.(\d{1,3})$/.exec(path) ?? []
  return major === undefined ? undefined : [Number(major), Number(minor)]
}

async function versionOfVenv(tree: Tree, path: string): Promise<readonly [number, number] | undefined> {
  if (!path.startsWith(GUEST.imageVenv)) return undefined
  const [, major, minor] = /^version(?:_info)?\s*=\s*(\d)\.(\d{1,3})/m.exec((await readText(tree, `${GUEST.imageVenv}/pyvenv.cfg`, 65_536)) ?? '') ?? []
  return major === undefined ? undefined : [Number(major), Number(minor)]
}

/** Where the program is no link, its library tells, if there is but one. */
async function versionOfLibrary(tree: Tree, path: string): Promise<readonly [number, number] | undefined> {
  const folder = await realPath(tree, path.replace(/\/bin\/[^/]*$/, '/lib'))
  const versions = (folder === undefined ? [] : await tree.list(folder)).map((name) => versionIn(`/${name}`)).filter((version) => version !== undefined && version[0] === 3)
  return versions.length === 1 ? versions[0] : undefined
}

function finding(code: string, what: string, mend: string, path: string | undefined): Finding {
  return { id: 'B7', code, level: 'error', what, mend, ...(path === undefined ? {} : { path }) }
}
