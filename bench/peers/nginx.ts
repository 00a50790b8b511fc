import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeCa, makeServerCertificate } from '../../host-server/pki/certificates.ts'
import { startDaemon, whileRunning } from '../../lab/daemon.ts'
import { freePorts } from '../../lab/free-ports.ts'
import { run } from '../../lab/run.ts'
import { answers } from './answers.ts'
import { timed } from './timed.ts'
import type { Trees, Way } from './way.ts'

export interface Nginx extends AsyncDisposable {
  readonly port: number
  /** PEM. */
  readonly ca: string
  readonly caFile: string
  readonly keyFile: string
  readonly certificateFile: string
  /** Of its master; the workers are its children. */
  readonly pid: number
}

const NODE_GET = join(import.meta.dirname, 'node-get.ts')

/** Serves a folder over TLS 1.3, with a certificate made as host-server's is. */
export async function startNginx(folder: string, root: string): Promise<Nginx> {
  await mkdir(folder, { recursive: true })
  const ca = await makeCa('benchmark', new Date())
  const { key, certificate } = await makeServerCertificate(ca, ['127.0.0.1'], 86_400, new Date())
  const [caFile, keyFile, certificateFile] = [join(folder, 'ca.pem'), join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  await writeFile(caFile, ca.certificate)
  await writeFile(keyFile, key, { mode: 0o600 })
  await writeFile(certificateFile, certificate)
  const port = (await freePorts(1))[0]!
  const config = join(folder, 'nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')
  await writeFile(config, `${process.getuid?.() === 0 ? 'user root;\n' : ''}daemon off;
worker_processes 2;
pid ${folder}/nginx.pid;
error_log stderr;
events { worker_connections 8192; }
http {
  ${temporary}
  access_log ${folder}/access.log;
  sendfile on;
  server {
    listen 127.0.0.1:${port} ssl backlog=4096;
    ssl_protocols TLSv1.3;
    ssl_certificate ${certificateFile};
    ssl_certificate_key ${keyFile};
    root ${root};
  }
}
`)
  const server = await startDaemon({ name: 'nginx', command: ['/usr/sbin/nginx', '-e', 'stderr', '-p', folder, '-c', config], log: join(folder, 'nginx.log') })
  await whileRunning(server, answers(port))
  return { port, ca: ca.certificate, caFile, keyFile, certificateFile, pid: server.pid, [Symbol.asyncDispose]: () => server.stop() }
}

/** A tree as one archive. @returns its file */
export async function archive(folder: string, tree: string): Promise<string> {
  const file = join(folder, 'tree.tar.gz')
  await run(['tar', '-czf', file, '-C', tree, '.'])
  return file
}

/**
 * The practical limit: one archive over TLS, unpacked while it comes.
 * @param by what fetches it: curl; curl, and the tree is on the disk then, as ours is; Node in place of curl
 */
export async function archiveTar(folder: string, trees: Trees, by: 'curl' | 'curl, flushed' | 'Node'): Promise<Way> {
  const root = join(folder, `archive-${by.replace(/\W+/g, '-')}`) // nginx's words end at a blank
  await mkdir(root)
  await archive(root, trees.before)
  const server = await startNginx(join(root, 'nginx'), root)
  const fetch = by === 'Node' ? `"${process.execPath}" "${NODE_GET}" "$1" "$2"` : 'curl -sS --fail --cacert "$1" "$2"'
  const script = `${fetch} | tar -xzC "$3"${by === 'curl, flushed' ? ' && sync -f "$3"' : ''}`
  return {
    name: by === 'Node' ? 'the same, by Node in place of curl' : `curl of a tar.gz from nginx, tar${by === 'curl' ? '' : ', flushed'}`,
    port: server.port,
    async guest(folder, port) {
      return {
        cases: { cold: () => timed('bash', ['-o', 'pipefail', '-c', script, 'sh', server.caFile, `https://127.0.0.1:${port}/tree.tar.gz`, folder]) },
        tree: async () => folder,
        [Symbol.asyncDispose]: async () => {},
      }
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
