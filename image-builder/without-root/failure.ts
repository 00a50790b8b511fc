import { BuildFailure, ImageRefusal, NotThisWay } from '../refusal.ts'
import type { Failure } from './messages.ts'

/** The libguestfs appliance is made by others than those who use it, as one who was taken over would leave something in it for the next. */
export class ApplianceMissing extends ImageRefusal {
  override readonly name = 'ApplianceMissing'
}

export function failureOf(error: unknown): Failure {
  const { message, stack, code } = error as NodeJS.ErrnoException
  const type =
    error instanceof ApplianceMissing ? 'ApplianceMissing' : error instanceof NotThisWay ? 'NotThisWay' : error instanceof ImageRefusal ? 'ImageRefusal' : error instanceof BuildFailure ? 'BuildFailure' : 'other'
  return { type, message: type === 'other' && code === undefined ? String(stack ?? error) : message, ...(typeof code === 'string' ? { code } : {}) }
}

export function errorOf({ type, message, code }: Failure): Error {
  switch (type) {
    case 'ApplianceMissing':
      return new ApplianceMissing(message)
    case 'NotThisWay':
      return new NotThisWay(message)
    case 'ImageRefusal':
      return new ImageRefusal(message)
    case 'BuildFailure':
      return new BuildFailure(message)
    default:
      return Object.assign(new Error(message), code === undefined ? {} : { code })
  }
}
