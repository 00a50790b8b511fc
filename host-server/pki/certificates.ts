// The one file that makes X.509. Only `init` imports it: the library behind it takes memory that `serve` does without.
// P-256 and not Ed25519, because pip's OpenSSL in old images and TLS stacks in FIPS mode refuse Ed25519 certificates.
// Subject and authority key ids and critical key usages are there because Python 3.13 checks with VERIFY_X509_STRICT.
import { randomBytes, type webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' }
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' }
const DAY_MS = 86_400_000
const CA_DAYS = 3650

/** Both PEM; the key PKCS#8. */
export interface KeyAndCertificate {
  readonly key: string
  readonly certificate: string
}

/** @param owner for people: what this CA belongs to, such as the host's first name */
export async function makeCa(owner: string, now: Date): Promise<KeyAndCertificate> {
  const keys = await crypto.subtle.generateKey(CURVE, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    // Two CAs of one host differ in name: a stale one is then told apart from a forged one.
    name: [{ CN: [`Trovestrap CA ${owner} ${randomBytes(3).toString('hex')}`.slice(0, 64)] }],
    ...validity(now, CA_DAYS * DAY_MS),
    keys,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { key: await keyPem(keys.privateKey), certificate: pem(certificate) }
}

/**
 * @param names DNS names and IP addresses, all of which become subject alternative names
 * @param lifetime seconds; never longer than the CA's own
 */
export async function makeServerCertificate(
  ca: KeyAndCertificate,
  names: readonly string[],
  lifetime: number,
  now: Date,
): Promise<KeyAndCertificate> {
  const issuer = new x509.X509Certificate(ca.certificate)
  const keys = await crypto.subtle.generateKey(CURVE, true, ['sign', 'verify'])
  const { notBefore, notAfter } = validity(now, lifetime * 1000)
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: [{ CN: [names[0]!.slice(0, 64)] }],
    issuer: issuer.subject,
    notBefore,
    notAfter: notAfter < issuer.notAfter ? notAfter : issuer.notAfter,
    publicKey: keys.publicKey,
    signingKey: await signingKeyOf(ca.key),
    signingAlgorithm: SIGNATURE,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((name) => ({ type: isIP(name) ? 'ip' : 'dns', value: name }))),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  })
  return { key: await keyPem(keys.privateKey), certificate: pem(certificate) }
}

/** Begins a day early: a guest whose clock is some hours behind shall fail on its clock, not on a certificate "not yet valid". */
function validity(now: Date, lifetimeMs: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now.getTime() - DAY_MS), notAfter: new Date(now.getTime() + lifetimeMs) }
}

/** 159 random bits, positive, as RFC 5280 allows at most. */
function serial(): string {
  const bytes = randomBytes(20)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes.toString('hex')
}

async function signingKeyOf(keyPem: string): Promise<webcrypto.CryptoKey> {
  return crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(keyPem), CURVE, false, ['sign'])
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`
}
