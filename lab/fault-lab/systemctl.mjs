// systemctl.mjs SOCKET VERB UNIT...: asks the lab to do with its own processes what systemd would do with units.
import { request } from 'node:http'

const [socketPath, verb, ...units] = process.argv.slice(2)
for (const unit of units.filter((word) => !word.startsWith('-'))) {
  await new Promise((resolve) => {
    request({ socketPath, path: `/${verb}/${unit}`, method: 'POST' }, (response) => {
      response.setEncoding('utf8').on('data', (text) => process.stderr.write(`${text}\n`))
      if (response.statusCode !== 200) process.exitCode = 1
      response.on('end', resolve)
    }).end()
  })
}
