// One file over TLS 1.3 by Node's own server and nothing else: the least that any host-server in Node costs. PORT KEY CERTIFICATE FILE
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:https'
import { pipeline } from 'node:stream'

const [port, key, certificate, file] = process.argv.slice(2) as [string, string, string, string]
const { size } = statSync(file)
const options = { key: readFileSync(key), cert: readFileSync(certificate), minVersion: 'TLSv1.3' } as const
createServer(options, (_request, response) => {
  pipeline(createReadStream(file), response.writeHead(200, { 'content-length': size }), () => {})
}).listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 })
