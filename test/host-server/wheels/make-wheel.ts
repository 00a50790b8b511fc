import { execFileSync } from 'node:child_process'

const MAKE = `
import sys, zipfile
folder, name, version, requires = sys.argv[1:5]
info = f'{name}-{version}.dist-info/'
with zipfile.ZipFile(f'{folder}/{name}-{version}-py3-none-any.whl', 'w', zipfile.ZIP_DEFLATED) as wheel:
    wheel.writestr(f'{name}.py', f'version = {version!r}\\n')
    wheel.writestr(info + 'METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n' + (f'Requires-Python: {requires}\\n' if requires else '') + '\\nRequires-Python: no\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', f'{name}.py,,\\n{info}METADATA,,\\n{info}WHEEL,,\\n{info}RECORD,,\\n')
`

/** A wheel with one module that knows its version. */
export function makeWheel(folder: string, name: string, version: string, requires = ''): void {
  execFileSync('/usr/bin/env', ['python3', '-c', MAKE, folder, name, version, requires])
}
