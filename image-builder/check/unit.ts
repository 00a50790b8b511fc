import { readText, realPath, type Tree } from '../tree.ts'

/** A systemd unit as the guest's systemd would find it at boot. */
export interface Unit {
  readonly name: string
  /** Where it lies; undefined when there is none. */
  readonly path?: string | undefined
  /** Linked to /dev/null, or empty: it never starts. */
  readonly masked: boolean
  /** Something pulls it in at boot. */
  readonly enabled: boolean
  /** Values of a key in the order they are given, drop-ins included; an empty value drops those before it. */
  values(section: string, key: string): readonly string[]
}

/** In systemd's order: the first that has a unit wins. */
const FOLDERS = ['/etc/systemd/system', '/usr/local/lib/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'] as const
const LIMIT = 65_536

export async function readUnit(tree: Tree, name: string): Promise<Unit> {
  const found = await findUnit(tree, name)
  const texts = found?.text === undefined ? [] : [found.text, ...(await dropIns(tree, name))]
  const settings = texts.flatMap(settingsIn)
  return {
    name,
    path: found?.path,
    masked: found?.masked ?? false,
    enabled: await isPulledIn(tree, name),
    values(section, key) {
      const given = settings.filter((setting) => setting.section === section && setting.key === key).map(({ value }) => value)
      return given.slice(given.lastIndexOf('') + 1)
    },
  }
}

async function findUnit(tree: Tree, name: string): Promise<{ path: string; masked: boolean; text: string | undefined } | undefined> {
  for (const folder of FOLDERS) {
    const real = await realPath(tree, folder)
    const node = real === undefined ? undefined : await tree.lstat(`${real}/${name}`)
    if (!node) continue
    const path = `${folder}/${name}`
    if (node.type === 'link' && node.target === '/dev/null') return { path, masked: true, text: undefined }
    const text = await readText(tree, path, LIMIT)
    return { path, masked: text === '', text }
  }
  return undefined
}

async function dropIns(tree: Tree, name: string): Promise<string[]> {
  const files = new Map<string, string>()
  for (const folder of FOLDERS) {
    const real = await realPath(tree, `${folder}/${name}.d`)
    for (const file of real === undefined ? [] : await tree.list(real)) if (file.endsWith('.conf') && !files.has(file)) files.set(file, `${real}/${file}`)
  }
  const texts = await Promise.all([...files].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, path]) => readText(tree, path, LIMIT)))
  return texts.filter((text) => text !== undefined)
}

async function isPulledIn(tree: Tree, name: string): Promise<boolean> {
  for (const folder of FOLDERS) {
    const real = await realPath(tree, folder)
    if (real === undefined) continue
    for (const pulling of (await tree.list(real)).filter((entry) => /\.(wants|requires|upholds)$/.test(entry))) {
      // A link that leads nowhere counts too: systemd goes by its name.
      const inside = await realPath(tree, `${real}/${pulling}`)
      if (inside !== undefined && (await tree.lstat(`${inside}/${name}`))) return true
    }
  }
  return false
}

function settingsIn(text: string): { section: string; key: string; value: string }[] {
  let section = ''
  const settings: { section: string; key: string; value: string }[] = []
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    const text = line.trim()
    const heading = /^\[([^\]]+)\]$/.exec(text)
    const [, key, value] = /^([A-Za-z0-9]+)[ \t]*=(.*)$/.exec(text) ?? []
    if (heading) section = heading[1]!
    else if (key !== undefined) settings.push({ section, key, value: value!.trim() })
  }
  return settings
}
