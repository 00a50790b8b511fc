import got, { CancelError, RequestError, type Response } from 'got'
import { CloudError } from '../cloud-error.ts'
import type { Answer, Patience, Question } from './ask.ts'
import { unreachable } from './unreachable.ts'
import { upload } from './upload.ts'

/** A page of a thousand servers has about 3 MB. */
const LARGEST = 16 * 1024 * 1024

/** One request, no redirects: a token goes nowhere but to the address that was meant. */
export async function once(question: Question, patience: Patience): Promise<Answer> {
  const { service, method, url, headers, json, body, trust } = question
  const { signal } = patience
  try {
    if (body !== undefined) return answerOf(await upload(question, body, patience))
    const asking = got(url, {
      method,
      headers: { accept: 'application/json', 'user-agent': 'trovestrap', ...headers },
      ...(json === undefined ? {} : { json }),
      agent: { http: trust.http, https: trust.https },
      signal,
      followRedirect: false,
      throwHttpErrors: false,
      decompress: false,
      retry: { limit: 0 },
      responseType: 'buffer',
    })
    void asking.on('downloadProgress', ({ transferred }) => {
      if (transferred > LARGEST) asking.cancel()
    })
    return answerOf(await asking)
  } catch (error) {
    if (error instanceof CancelError) throw new CloudError(`${service} at ${new URL(url).host} answers with more than ${LARGEST / 1024 / 1024} MiB`)
    if (error instanceof RequestError) throw unreachable(service, url, signal.aborted ? 'ABORTED' : error.code, without(error))
    throw error
  }
}

/** got's errors carry the whole request, and print it: password, token and all. */
function without({ cause, code, message }: RequestError): unknown {
  return cause instanceof Error ? cause : new Error(`${code}: ${message}`)
}

function answerOf({ statusCode, headers, body }: Pick<Response<Uint8Array>, 'statusCode' | 'headers' | 'body'>): Answer {
  return { status: statusCode, headers, body: parse(Buffer.from(body).toString('utf8')) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined // a proxy's page, an empty body
  }
}
