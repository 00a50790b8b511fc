const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** `412.3 MiB` */
export function sizeText(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(1)} ${UNITS[power]}`
}

export interface Transfer {
  /** Bytes that are over, also those of an earlier run. */
  readonly done: number
  /** Bytes in all, where that is known. */
  readonly total?: number | undefined
  /** Bytes that this run brought. */
  readonly fresh: number
  /** Since this run began. */
  readonly seconds: number
}

/** `212.4 MiB of 412.3 MiB · 23.1 MiB/s · 9 s left` */
export function transferText({ done, total, fresh, seconds }: Transfer): string {
  const rate = seconds < 0.5 ? 0 : fresh / seconds
  return [
    total === undefined ? sizeText(done) : `${sizeText(done)} of ${sizeText(total)}`,
    ...(rate === 0 ? [] : [`${sizeText(Math.round(rate))}/s`]),
    ...(rate === 0 || total === undefined ? [] : [`${timeText((total - done) / rate)} left`]),
  ].join(' · ')
}

function timeText(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 120) return `${whole} s`
  return whole < 7200 ? `${Math.round(whole / 60)} min` : `${Math.round(whole / 3600)} h`
}

/** Bytes as they go by. @param already those of an earlier run @returns what is to be called with each piece; it tells a few times a second */
export function meter(tell: (text: string) => void, { total, already = 0 }: { total?: number | undefined; already?: number }): (bytes: number) => void {
  const began = performance.now()
  let [fresh, told] = [0, 0]
  return (bytes) => {
    fresh += bytes
    const now = performance.now()
    if (now - told < TELL_MS) return
    told = now
    tell(transferText({ done: already + fresh, total, fresh, seconds: (now - began) / 1000 }))
  }
}

const TELL_MS = 200
