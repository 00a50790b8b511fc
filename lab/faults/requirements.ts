import { says, type LabFault } from '../fault-lab/lab-fault.ts'

/** Takes the tree's one requirement out of the image, so that pip has something to do. */
const LACKS = 'rm -rf /usr/lib/python3/dist-packages/passlib*'

/** Python. */
export const requirementFaults: readonly LabFault[] = [
  {
    name: 'requirement-nowhere',
    expect: ['E1'],
    from: 'snapshot',
    guest: LACKS,
    host: `sed -i 's/passlib>=1.7.4/passlib>=99/' "$TROVESTRAP_YAML"
systemctl reload trovestrap-host`,
    shows: says('REQUIREMENT_NOT_FOUND'),
  },
  {
    name: 'constraint-conflict',
    expect: ['E2'],
    from: 'snapshot',
    guest: LACKS,
    host: `printf 'passlib===1.6.0\\n' > constraints.txt
sed -i "s#^python:#python:\\n  constraints: $PWD/constraints.txt#" "$TROVESTRAP_YAML"
systemctl reload trovestrap-host`,
    shows: says('(REQUIREMENT_CONFLICT|REQUIREMENT_NOT_FOUND|PIP_FAILED)'),
  },
  { name: 'module-missing', expect: ['E4'], from: 'snapshot', guest: 'mv /usr/lib/python3/dist-packages/eventlet /opt/lab/', shows: says('AGENT_EXITED', 240) },
  { name: 'venv-impossible', expect: ['E5'], from: 'snapshot', guest: `${LACKS}\nmv /usr/lib/python3.11/venv /opt/lab/`, shows: says('PYTHON_MANAGED') },
]
