import { Value } from 'typebox/value'
import { Type } from 'typebox'
import { Fault } from '../../contract/fault.ts'
import { ProgramError, type System } from '../system.ts'

/** What an interpreter says about itself and about the requirements. */
export const Survey = Type.Object({
  version: Type.String(),
  /** PEP 668: the distribution does not want pip to write there. */
  managed: Type.Boolean(),
  pip: Type.Boolean(),
  /** Whether the version is one that python_requires allows. */
  allowed: Type.Boolean(),
  /** Lines that what is installed does not meet. */
  missing: Type.Array(Type.String()),
  /** Metadata folders of what meets the others: while they are there, nothing has changed. */
  found: Type.Array(Type.String()),
})
export type Survey = Type.Static<typeof Survey>

/**
 * One short Python run in place of pip's ten seconds: usually everything is there already, because the image was made for Trove.
 *
 * @param files of requirement and constraint lines
 */
export async function survey(system: System, python: string, requires: string, files: { requirements: string; constraints: string }): Promise<Survey> {
  try {
    const { code, stdout, stderr } = await system.run(python, ['-c', PROGRAM, requires, files.requirements, files.constraints], { timeout: 120 })
    const value = code === 0 ? parsed(stdout) : undefined
    if (Value.Check(Survey, value)) return value
    throw new Fault('PYTHON_MISSING', { python }, `${python} does not work: ${stderr.trim().split('\n').at(-1) ?? ''}`)
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error
    throw new Fault('PYTHON_MISSING', { python }, error.message, { cause: error })
  }
}

/** What is called python3 may be anything. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

// pip brings `packaging` along where it is not installed by itself. Without either, every requirement counts as missing and pip decides.
const PROGRAM = String.raw`
import importlib.util, json, os, re, sys, sysconfig
try:
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet
except ImportError:
    try:
        from pip._vendor.packaging.requirements import Requirement
        from pip._vendor.packaging.specifiers import SpecifierSet
    except ImportError:
        Requirement = None
requires, requirements, constraints = sys.argv[1:]
version = '.'.join(map(str, sys.version_info[:3]))

def lines(path):
    with open(path, encoding='utf-8') as file:
        for line in file:
            line = re.sub(r'(^|\s)#.*', '', line).strip()
            if line:
                yield line

def name(text):
    return re.sub(r'[-_.]+', '-', text).lower()

def allowed():
    if not requires:
        return True
    if Requirement:
        return SpecifierSet(requires).contains(version, prereleases=True)
    least = re.search(r'>=\s*(\d+)\.(\d+)', requires)
    return not least or sys.version_info[:2] >= (int(least[1]), int(least[2]))

missing, found, wanted = [], [], list(lines(requirements))
if Requirement is None:
    missing = wanted
elif wanted:
    from importlib import metadata
    bounds = {}
    for line in lines(constraints):
        try:
            bound = Requirement(line)
        except Exception:
            continue
        if not bound.marker or bound.marker.evaluate():
            bounds[name(bound.name)] = bound.specifier
    for line in wanted:
        try:
            need = Requirement(line)
            if need.marker and not need.marker.evaluate():
                continue
            have = metadata.distribution(need.name)
            bound = bounds.get(name(need.name), '')
            if need.specifier.contains(have.version, prereleases=True) and (not bound or bound.contains(have.version, prereleases=True)):
                found.append(os.fspath(have._path))
                continue
        except Exception:
            pass
        missing.append(line)
print(json.dumps({
    'version': version,
    'managed': sys.prefix == sys.base_prefix and os.path.exists(os.path.join(sysconfig.get_path('stdlib'), 'EXTERNALLY-MANAGED')),
    'pip': importlib.util.find_spec('pip') is not None,
    'allowed': allowed(),
    'missing': missing,
    'found': found,
}))
`
