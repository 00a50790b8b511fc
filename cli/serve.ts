import { flushCompileCache } from 'node:module'
import type { Command } from 'commander'
import { explainSetup } from './explain-setup.ts'
import { settingsFile, settingsOrExplain } from './settings-file.ts'

/** `trovestrap serve` */
export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('Hand out source, configuration and wheels to guests, and take their reports, until ended by Ctrl-C or SIGTERM.')
    .option('--follow', 'watch the checkout: guests take each change at once and restart their agent (for development)')
    .addHelpText(
      'after',
      `
SIGHUP reads configuration, certificate, keys, operator token, source, guest config and wheels again. What is
faulty leaves the last good one in place; the log and /healthz say so. The log goes to stdout, one JSON object a line.

With --follow a guest whose agent does not come up from a change goes back to the revision before, and says
why (trovestrap status INSTANCE). trovestrap hold INSTANCE keeps a guest out of it.

Examples:
  trovestrap serve
  trovestrap serve --follow
  trovestrap --config /etc/trovestrap/config.yaml serve
  curl --cacert /var/lib/trovestrap/pki/ca.pem https://localhost:15555/healthz

Exit codes: 0 ended by a signal, 1 failed, 2 wrong configuration or not initialised: nothing was started.`,
    )
    .action(async ({ follow = false }: { follow?: boolean }, command: Command) => {
      const file = settingsFile(command)
      const settings = settingsOrExplain(file, 'nothing was started', { paths: true })
      // Loaded here, not above: every other verb would pay for a web server.
      const [{ serve }, { giveMemoryBack }, { pino }] = await Promise.all([import('../host-server/serve.ts'), import('../host-server/give-memory-back.ts'), import('pino')])
      const { loadSettings } = await import('../host-server/settings.ts')
      const logger = pino({ level: settings.log.level, base: null, timestamp: pino.stdTimeFunctions.isoTime })
      const serving = await explainSetup(() => serve(settings, logger, { follow }))
      // Before it says that it serves: whoever reads that may send a signal at once.
      process.on('SIGHUP', () => void serving.reload(() => loadSettings(file, { paths: true })).then(giveMemoryBack))
      const ended = new Promise<void>((resolve) => {
        process.once('SIGTERM', () => resolve())
        process.once('SIGINT', () => resolve())
      })
      const { address, files, revision, warnings } = serving
      const name = settings.names[0]!
      process.stderr.write(
        [
          ...warnings.map((warning) => `! ${warning}`),
          `✔ host-server     https://${name.includes(':') ? `[${name}]` : name}:${address.port} · source ${files} files, revision ${revision.slice(0, 7)}`,
          '',
        ].join('\n'),
      )
      giveMemoryBack()
      // Node keeps it at its end, which a host-server that is killed does not have; the next start takes half as long with it.
      flushCompileCache()
      await ended
      await serving.close()
    })
}
