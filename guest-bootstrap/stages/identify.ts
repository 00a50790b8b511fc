import { createHash } from 'node:crypto'
import { Fault } from '../../contract/fault.ts'
import { GUEST } from '../../contract/paths.ts'
import { imageConfig } from '../image-config.ts'
import { controllerUrls } from '../injected/controller-conf.ts'
import { readConfigDrive } from '../injected/config-drive.ts'
import { guestIdOf, injectedIn, instanceData, urlsFromCloudInit, type Injected } from '../injected/instance-data.ts'
import { MEMORY, recall, remember } from '../memory.ts'
import type { Stage } from '../stage.ts'
import type { Files, System } from '../system.ts'

const FORM = /^https:\/\/[^/?#\s]+$/

/** Who this guest is, and where its host may be. */
export const identify: Stage = {
  name: 'identify',
  purpose: 'find the guest_id that Trove gave this instance, and the addresses of its host',

  async done({ files }) {
    return recall(files, MEMORY.identity)?.source === source(files)
  },

  async run(system) {
    const { files } = system
    const image = imageConfig(files)
    const written = writtenGuestId(files)
    const stated = controllerUrls(files)
    const injected = await look(system, written !== undefined)
    const instance = written?.instance ?? injected?.instance
    if (instance === undefined) {
      const place = injected === undefined ? 'no config drive, no metadata service' : `nothing in the ${injected.from} either`
      throw new Fault('NO_GUEST_ID', { path: GUEST.guestInfo[0] }, `looked in ${GUEST.guestInfo.join(' and ')}; ${place}`)
    }
    const urls = [...stated, ...(injected?.urls ?? []), ...image.urls].map((url) => url.replace(/(?<!\/)\/+$/, ''))
    remember(files, MEMORY.identity, { instance, urls: [...new Set(urls)].filter((url) => FORM.test(url) && URL.canParse(url)), source: source(files) })
    return `guest_id ${instance} from ${written?.path ?? injected?.from}`
  },
}

/** Mounting a drive and waiting for a metadata service cost time, so they are asked only for what is not known yet. */
async function look(system: System, known: boolean): Promise<Injected | undefined> {
  const urls = urlsFromCloudInit(system.files)
  if (known && urls !== undefined) return { from: 'config drive', instance: undefined, urls }
  const data = known ? await readConfigDrive(system) : await instanceData(system)
  return data && (await injectedIn(data))
}

function writtenGuestId(files: Files): { instance: string; path: string } | undefined {
  for (const path of GUEST.guestInfo) {
    const text = files.text(path)
    if (text === undefined) continue
    try {
      const instance = guestIdOf(text, path)
      if (instance !== undefined) return { instance, path }
    } catch (error) {
      throw new Fault('GUEST_INFO_INVALID', { path }, (error as Error).message, { cause: error })
    }
  }
  return undefined
}

/** Changes with every file that a person could mend. */
function source(files: Files): string {
  const hash = createHash('sha256')
  for (const path of [...GUEST.guestInfo, GUEST.controllerConf, GUEST.config]) hash.update(`${path}\0${files.text(path) ?? ''}\0`)
  return hash.digest('hex')
}
