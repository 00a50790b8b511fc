import { writeFileSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { collect } from '../../diagnosis/collect/collect.ts'
import type { Collector } from '../../diagnosis/collect/collector.ts'
import { knownSecrets } from '../../diagnosis/collect/machine/known-secrets.ts'
import { consoleFileCollector } from '../../diagnosis/collect/console-file.ts'
import { brokerLogCollector } from '../../diagnosis/collect/broker-log.ts'
import { troveLogsCollector } from '../../diagnosis/collect/trove-logs.ts'

const INSTANCE = '5b2d1f3e-0000-4000-8000-000000000001'
const CANARY = {
  transport: 'Canary-Transport-0001',
  database: 'Canary-Database-0002',
  keystone: 'Canary-Keystone-0003',
  rpcKey: 'c4n4ryc4n4ryc4n4ryc4n4ryc4n4ry04',
  token: 'abc123.canarycanary0005',
  sql: 'Canary-Sql-0006',
  pem: 'CanaryPrivateKey0007',
  option: 'Canary-Option-0008',
} as const

/** Where a secret may stand in a log, on a console, in a traceback. */
const LINES = [
  `trovestrap[1]: stage=reach-rabbitmq state=failed code=AMQP_LOGIN_REFUSED message="rabbit://trove:${CANARY.transport}@10.0.2.2:5672/trove"`,
  `the password is ${CANARY.transport}, and of the database ${CANARY.database}`,
  `OperationalError: (1045) mysql+pymysql://trove:${CANARY.database}@10.0.0.1/trove`,
  `instance_rpc_encr_key = ${CANARY.rpcKey}`,
  `service password=${CANARY.keystone} expired`,
  `token ${CANARY.token} refused`,
  `CREATE USER 'app' IDENTIFIED BY '${CANARY.sql}'`,
  `-----BEGIN PRIVATE KEY-----${CANARY.pem}-----END PRIVATE KEY-----`,
  `container_registry_password: "${CANARY.option}"`,
  `${INSTANCE} ERROR percent-encoded rabbit://trove:${encodeURIComponent('p@ss/')}${CANARY.transport}@h/`,
]

t.test('secrets that stand in logs, consoles and answers are in no evidence, nor in the file of --save', async (t) => {
  const dir = t.testdir({
    'trove.conf': `[DEFAULT]\ntransport_url = rabbit://trove:${CANARY.transport}@127.0.0.1/trove\ninst_rpc_key_encr_key = ${CANARY.rpcKey}\n[database]\nconnection = mysql+pymysql://trove:${CANARY.database}@127.0.0.1/trove\n[service_credentials]\npassword = ${CANARY.keystone}\n`,
    'guest.conf': `[DEFAULT]\ntransport_url = rabbit://trove:${CANARY.transport}@10.0.2.2/trove\n`,
    'console.log': LINES.join('\n'),
    'rabbit.log': LINES.join('\n'),
    'conductor.log': LINES.map((line) => `2026-11-25 10:00:00 ERROR ${INSTANCE} ${line}`).join('\n'),
  })
  const answer = (source: string, value: object) => ({ source, deadline: 1000, collect: async () => value }) as unknown as Collector
  const evidence = await collect({
    target: { instance: INSTANCE },
    collectors: [
      consoleFileCollector(join(dir, 'console.log')),
      brokerLogCollector({ path: join(dir, 'rabbit.log') }),
      troveLogsCollector({ conductor: { paths: [join(dir, 'conductor.log')], units: [] }, taskmanager: { paths: [join(dir, 'none')], units: [] } }),
      answer('trove', { from: 'database', fault: { message: LINES.join(' '), details: LINES.join('\n') } }),
      answer('broker', { host: 'h', port: 1, vhost: 'v', user: 'u', tls: false, queues: {}, exchanges: {}, fault: { code: 'AMQP_FAILED', message: LINES.join(' ') } }),
      { source: 'guest', deadline: 1000, collect: async () => { throw new Error(LINES.join(' ')) } } as unknown as Collector,
    ],
    left_out: { nova: LINES.join(' ') },
    version: '0',
    now: new Date(),
    secrets: knownSecrets({ troveConf: join(dir, 'trove.conf'), guestConfig: join(dir, 'guest.conf') }),
  })
  const file = join(dir, 'evidence.json')
  writeFileSync(file, JSON.stringify(evidence), { mode: 0o600 })
  const text = readFileSync(file, 'utf8')
  t.ok(evidence.console!.lines.length === LINES.length && evidence.trove_logs![0]!.lines.length > 0 && statSync(file).size > 2000, 'it was seen at all')
  for (const [name, value] of Object.entries(CANARY)) t.notMatch(text, value, name)
})
