import type { Step } from './cause.ts'
import type { Line } from './page.ts'

const PLACES: Record<Step['on'], string | undefined> = {
  host: undefined,
  guest: 'in the guest:',
  image: 'where the image is built:',
  cloud: 'with the credentials of the cloud:',
}

/** What to do, in order; commands as they are typed, below the machine on which they are typed where that is not this one. */
export function mendLines(steps: readonly Step[]): Line[] {
  let place: string | undefined
  return steps.flatMap((step): Line[] => {
    const here = PLACES[step.on]
    const moved = here !== place ? [here ?? 'on this host:'] : []
    place = here
    return [...moved, ...stepLines(step)]
  })
}

function stepLines({ run, asks, say }: Step): Line[] {
  if (run === undefined) return say === undefined ? [] : [say]
  const aside = [asks && `it asks for a ${asks.what}: type the one that transport_url in ${asks.file} has`, say].filter((part) => part !== undefined).join('; ')
  return [{ command: run, ...(aside === '' ? {} : { aside }) }]
}
