/** Takes one short line about what is being done now; long work calls it often, so that nobody wonders. */
export type Tell = (text: string) => void
