import { realPath, stat, type Tree } from '../tree.ts'

const SEARCHED = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
/** Runs what its first argument names; the kernel starts it as any program. */
const INTERPRETER = /^#!\s*(\S+)/

/**
 * Why systemd could not start a command (203/EXEC), as far as files tell.
 *
 * @param command value of ExecStart=
 * @returns what completes "the program …", or undefined when nothing speaks against it
 */
export async function cannotStart(tree: Tree, command: string): Promise<string | undefined> {
  const program = command.replace(/^[-@:+!|]+/, '').split(/\s/)[0]!.replace(/^["']|["']$/g, '')
  // Specifiers and variables have values in the guest only.
  if (program === '' || /[%$]/.test(program)) return undefined
  if (program.startsWith('/')) return programFault(tree, program)
  for (const folder of SEARCHED) if (await stat(tree, `${folder}/${program}`)) return programFault(tree, `${folder}/${program}`)
  return `${program} is in none of ${SEARCHED.join(', ')}`
}

async function programFault(tree: Tree, path: string, script = false): Promise<string | undefined> {
  const node = await stat(tree, path)
  if (!node) return `${path} does not exist`
  if (node.type !== 'file') return `${path} is a ${node.type}, not a file`
  if ((node.mode & 0o111) === 0) return `${path} is not executable (mode ${node.mode.toString(8)})`
  const head = await tree.read(node.path, 128)
  const interpreter = script ? undefined : INTERPRETER.exec(head.toString('latin1'))?.[1]
  if (interpreter !== undefined) {
    const fault = await programFault(tree, interpreter, true)
    return fault && `${path} asks for an interpreter, and ${fault}`
  }
  const [own, system] = [machine(head), await systemMachine(tree)]
  if (own !== undefined && system !== undefined && own !== system) return `${path} is a program for ${machineName(own)}; the image is for ${machineName(system)}`
  return head.length === 0 ? `${path} is empty` : undefined
}

async function systemMachine(tree: Tree): Promise<number | undefined> {
  const init = await realPath(tree, '/sbin/init')
  const node = init === undefined ? undefined : await tree.lstat(init)
  return node?.type === 'file' ? machine(await tree.read(init!, 64)) : undefined
}

/** e_machine of ELF. */
function machine(head: Buffer): number | undefined {
  return head.length >= 20 && head.subarray(0, 4).toString('latin1') === '\x7fELF' ? head.readUInt16LE(18) : undefined
}

const machineName = (number: number): string => ({ 3: 'i386', 40: 'arm', 62: 'x86_64', 183: 'aarch64' })[number] ?? `ELF machine ${number}`
