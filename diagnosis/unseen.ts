/** Rows of the catalogue that are no cause here, and why. */
export const unseen: readonly { readonly id: string; readonly why: string }[] = [
  {
    id: 'B9',
    why: 'the build of an image fails where it is built, before there is an instance; `trovestrap image build` and `image check` say so there',
  },
]
