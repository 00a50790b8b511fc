/** The few files of a tree that say something about it, with the very bytes that went into the pack. */
export class TreeFiles {
  readonly #chunks = new Map<string, Buffer[]>()

  /** Keeps what counts and lets the rest pass. */
  readonly keep = (path: string, chunk: Buffer): void => {
    if (!COUNTS.test(path)) return
    const chunks = this.#chunks.get(path) ?? []
    this.#chunks.set(path, chunks)
    chunks.push(chunk)
  }

  get(path: string): string | undefined {
    const chunks = this.#chunks.get(path)
    return chunks && Buffer.concat(chunks).toString('utf8')
  }

  /** PKG-INFO of an sdist, or of the egg-info beside the package: of Trove's, should several lie there. */
  packageInfo(): string | undefined {
    const path = [...this.#chunks.keys()].find((path) => /^(PKG-INFO|(openstack[-_.])?trove[^/]*\.egg-info\/PKG-INFO)$/i.test(path))
    return path === undefined ? undefined : this.get(path)
  }
}

const COUNTS = /^(requirements\.txt|upper-constraints\.txt|setup\.cfg|pyproject\.toml|PKG-INFO|[^/]+\.egg-info\/PKG-INFO|debian\/changelog)$/
