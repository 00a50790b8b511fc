/** `41 s`, `12 min`, `3 h`, `5 d`: the largest unit that gives at least two of it, so that nobody has to convert. @param seconds a negative span counts as none */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 120) return `${whole} s`
  if (whole < 2 * 3600) return `${Math.floor(whole / 60)} min`
  if (whole < 2 * 86_400) return `${Math.floor(whole / 3600)} h`
  return `${Math.floor(whole / 86_400)} d`
}
