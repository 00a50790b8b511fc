import { basename } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import { fetchImage, type Fetched } from '../publish/fetch/fetch-image.ts'
import { sizeText } from '../publish/transfer-text.ts'
import { CliError } from './exit.ts'
import { explained, shown } from './image-work.ts'

interface Options {
  readonly out?: string
  readonly sha256?: string
  readonly checksumUrl?: URL
  readonly force?: boolean
  readonly json?: boolean
}

/** `trovestrap image fetch` */
export function registerImageFetch(image: Command): void {
  image
    .command('fetch')
    .description('Bring a base image from the web: whole and as its checksum says, or not at all. A transfer that was cut goes on where it was.')
    .argument('URL', 'http or https address of the image (HTTP_PROXY, HTTPS_PROXY and NO_PROXY count)', address)
    .option('-o, --out <FILE>', 'the file to make (default: the name in URL, in this folder); FILE.origin.json beside it says where it comes from')
    .option('--sha256 <HEX>', 'what its SHA-256 has to be', hex)
    .option('--checksum-url <URL>', 'the list that says so (default: SHA512SUMS, SHA256SUMS, CHECKSUM and what else distributions put beside their images)', address)
    .option('--force', 'replace FILE when it is there and is something else')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      `
Examples:
  trovestrap image fetch https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2
  trovestrap image fetch https://cloud-images.ubuntu.com/jammy/current/jammy-server-cloudimg-amd64.img -o jammy.qcow2
  trovestrap image fetch http://mirror.example/base.qcow2 --sha256 9c1b…

A list of checksums that comes from the same place proves that the transfer is whole; --sha256 also proves where it comes from.

Exit codes: 0 FILE is there, 1 it did not come whole or is not what it has to be, 2 there is nothing to have at URL, or FILE is something else.`,
    )
    .action(async (url: URL, options: Options) => {
      const name = nameIn(url)
      const out = options.out ?? (name === '' ? undefined : name)
      if (out === undefined) throw new CliError(`the address names no file: it ends in a slash.\n  trovestrap image fetch ${url.origin}${url.pathname}NAME.qcow2`)
      const wish = { url, out, name: name === '' ? basename(out) : name, force: options.force === true, ...(options.sha256 === undefined ? {} : { sha256: options.sha256 }), ...(options.checksumUrl === undefined ? {} : { checksumUrl: options.checksumUrl }) }
      const fetched = await explained(`${out} was not made; what came of it is kept in ${out}.part`, async (signal) => await shown((steps) => fetchImage(wish, steps, signal)))
      process.stdout.write(options.json ? `${JSON.stringify(fetched, null, 2)}\n` : fetchedText(fetched))
    })
}

function fetchedText({ out, bytes, sha256, checked_by: by, already }: Fetched): string {
  return `${out}${already ? ' is there already' : ''}: ${sizeText(bytes)}, sha256 ${sha256}${by === undefined ? ', not checked against anything' : ''}
  trovestrap image build ${out} -o guest.qcow2      makes a guest image of it\n`
}

function address(text: string): URL {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) throw new InvalidArgumentError('expected an address that begins with https:// or http://.')
  return url
}

function hex(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new InvalidArgumentError('expected 64 hexadecimal digits.')
  return text
}

/** The last word of the path, where it can be the name of a file here. */
function nameIn({ pathname }: URL): string {
  const name = pathname.split('/').at(-1)!
  return name.startsWith('.') ? '' : name
}
