// The clients that everybody has, against a server whose CA they are told: each has to work, and to refuse what is not that server.
import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Guest, RealHost } from '../host-server/real-host.ts'

export interface ClientCase {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  readonly works: boolean
  /** What it says, on stdout or stderr. */
  readonly says: RegExp
  /** A file that is there then. */
  readonly brings?: string
}

/** Of Debian: the python of a developer may bring a pip of his own. */
const PYTHON = '/usr/bin/python3'
const NOBODY = '99999999-9999-4999-8999-999999999999'

/** @param wheel name and version of what lies in the host's folder of wheels @param otherCa of another host */
export function clientCases(host: RealHost, guest: Guest, wheel: { name: string; version: string }, otherCa: string): ClientCase[] {
  const { ca } = host.state
  const at = `127.0.0.1:${host.port}`
  const connect = (...more: string[]) => ['s_client', '-connect', at, '-verify_return_error', '-brief', ...more]
  const openssl = (name: string, works: boolean, says: RegExp, ...more: string[]): ClientCase => ({ name: `openssl s_client ${name}`, program: 'openssl', args: connect(...more), works, says })
  const curl = (name: string, works: boolean, says: RegExp, ...args: string[]): ClientCase => ({ name: `curl ${name}`, program: 'curl', args: ['--silent', '--show-error', '--fail', '--noproxy', '*', ...args], works, says })
  const secret = guest.credential.slice(guest.instance.length + 1)
  const pip = (name: string, works: boolean, says: RegExp, who: string, cert: string): ClientCase => {
    const folder = join(host.folder, `pip-${name.replaceAll(/\W/g, '-')}`)
    return {
      name: `pip download ${name}`,
      program: PYTHON,
      args: ['-m', 'pip', 'download', '--isolated', '--no-input', '--no-cache-dir', '--disable-pip-version-check', '--retries', '0', '--no-deps', '--dest', folder, '--index-url', `https://${who}@${at}/v1/simple/`, '--cert', cert, `${wheel.name}==${wheel.version}`],
      works,
      says,
      ...(works ? { brings: join(folder, `${wheel.name}-${wheel.version}-py3-none-any.whl`) } : {}),
    }
  }
  return [
    openssl('with TLS 1.3, the CA and the address', true, /Protocol version: TLSv1\.3[^]*Verification: OK/, '-tls1_3', '-CAfile', ca, '-verify_ip', '127.0.0.1'),
    openssl('with TLS 1.2', false, /alert protocol version|wrong version|unsupported protocol/i, '-tls1_2', '-CAfile', ca),
    openssl('with another CA', false, /verify error|certificate verify failed|unable to get local issuer|self-signed/i, '-CAfile', otherCa),
    openssl('for another address', false, /IP address mismatch/, '-CAfile', ca, '-verify_ip', '127.0.0.2'),
    openssl('for another name', false, /hostname mismatch/i, '-CAfile', ca, '-verify_hostname', 'elsewhere.example'),
    curl('with the CA', true, /^\{"status"/, '--cacert', ca, `https://${at}/healthz`),
    curl('with another CA', false, /certificate/i, '--cacert', otherCa, `https://${at}/healthz`),
    curl('with no CA', false, /certificate/i, `https://${at}/healthz`),
    curl('with TLS 1.2 at most', false, /protocol|alert|version/i, '--tls-max', '1.2', '--cacert', ca, `https://${at}/healthz`),
    curl('by a name that the certificate has not', false, /no alternative certificate subject name|does not match/i, '--cacert', ca, '--resolve', `elsewhere.example:${host.port}:127.0.0.1`, `https://elsewhere.example:${host.port}/healthz`),
    curl('without TLS', false, /empty reply|reset|closed|failed/i, `http://${at}/healthz`),
    pip('with the CA and the credential', true, /Saved .*\.whl|Successfully downloaded/, `${guest.instance}:${secret}`, ca),
    pip('with another CA', false, /CERTIFICATE_VERIFY_FAILED|certificate verify failed/, `${guest.instance}:${secret}`, otherCa),
    pip('with a credential of nobody', false, /401|No matching distribution|credentials/i, `${NOBODY}:${'x'.repeat(43)}`, ca),
  ]
}

/** @returns what is not as it should be; undefined when all is */
export async function wrongWith({ program, args, works, says, brings }: ClientCase): Promise<string | undefined> {
  const { code, said } = await ended(program, args)
  if ((code === 0) !== works) return `ended with ${code}: ${said.trim().slice(-300)}`
  if (!says.test(said)) return `does not say ${says}: ${said.trim().slice(-300)}`
  return brings !== undefined && !existsSync(brings) ? `${brings} is not there` : undefined
}

function ended(program: string, args: readonly string[]): Promise<{ code: unknown; said: string }> {
  return new Promise((resolve) => {
    const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', HOME: '/nonexistent' }
    const child = execFile(program, [...args], { env, timeout: 60_000 }, (error, stdout, stderr) => resolve({ code: error ? (error.code ?? 'a signal') : 0, said: stdout + stderr }))
    child.stdin!.end()
  })
}

/** A certificate that has signed nothing of ours. */
export function otherCa(folder: string, pem: Buffer): string {
  const file = join(folder, 'other-ca.pem')
  writeFileSync(file, pem)
  return file
}
