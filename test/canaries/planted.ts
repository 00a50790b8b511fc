import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { canary, type Canary } from './canary.ts'

/** What an operator types into files; with characters that percent-encoding and JSON write differently. */
export const PLANTED = {
  guestRabbit: 'Canary-Guest@Rabbit&"one"',
  controlRabbit: 'Canary-Control@Rabbit&"two"',
  database: 'Canary-Database+3<>',
  service: 'Canary-Service-Credentials-4',
  instanceKey: 'c5n5ryc5n5ryc5n5ryc5n5ryc5n5ry5i',
  taskmanagerKey: 'c6n6ryc6n6ryc6n6ryc6n6ryc6n6ry6t',
  registry: 'Canary-Registry-7',
  keystone: 'Canary-Keystone-8',
  keystoneToken: 'gAAAAACanaryOfKeystoneNumber9canary',
  luks: 'Canary-Luks-Key-10',
  debug: 'Canary-Debug-Password-11',
  /** Typed wherever something else is expected. */
  astray: 'Canary-Typed-Astray-12',
} as const

export type PlantedName = keyof typeof PLANTED

export const plantedCanaries = (): Canary[] => Object.entries(PLANTED).map(([name, value]) => canary(name, value))

/** What the configuration for guests holds, and every guest therefore gets. */
export const SERVED: readonly PlantedName[] = ['guestRabbit', 'taskmanagerKey', 'registry']

/** What Trove writes into one guest. */
export const guestInfo = (instance: string): string => `[DEFAULT]\nguest_id = ${instance}\ndatastore_manager = mysql\ninstance_rpc_encr_key = ${PLANTED.instanceKey}\n`

export interface PlantedFiles {
  readonly troveConf: string
  readonly guestConf: string
  readonly clouds: string
  readonly luksKey: string
  /** Lines as a log or a serial console might have them. */
  readonly log: string
}

/** @param ports of a RabbitMQ and of a Keystone */
export function plant(folder: string, { rabbit, keystone }: { rabbit: number; keystone: number }): PlantedFiles {
  const at = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
    return join(folder, name)
  }
  const url = (password: string): string => `rabbit://trove:${encodeURIComponent(password)}@127.0.0.1:${rabbit}/trove`
  const shared = `control_exchange = trove\ntaskmanager_rpc_encr_key = ${PLANTED.taskmanagerKey}\n`
  const more = `[service_credentials]\nauth_url = http://127.0.0.1:${keystone}/identity/v3\nusername = trove\npassword = ${PLANTED.service}\n[guest_agent]\ncontainer_registry_username = trove\ncontainer_registry_password = ${PLANTED.registry}\n`
  return {
    troveConf: at('trove.conf', `[DEFAULT]\ntransport_url = ${url(PLANTED.controlRabbit)}\n${shared}inst_rpc_key_encr_key = ${PLANTED.instanceKey}\n[database]\nconnection = mysql+pymysql://trove:${encodeURIComponent(PLANTED.database)}@127.0.0.1:${rabbit}/trove\n${more}`),
    // 127.0.0.1 would be the guest itself; `.test` is nobody's, and the stand-in for a guest dials this host whatever the name.
    guestConf: at('trove-guestagent.conf', `[DEFAULT]\ntransport_url = ${url(PLANTED.guestRabbit).replace('@127.0.0.1', '@broker.test')}\n${shared}${more}`),
    clouds: at('clouds.yaml', `clouds:\n  lab:\n    auth:\n      auth_url: http://127.0.0.1:${keystone}/identity/v3\n      username: admin\n      password: ${PLANTED.keystone}\n      project_name: admin\n      user_domain_id: default\n      project_domain_id: default\n`),
    luksKey: at('luks.key', `${PLANTED.luks}\n`),
    log: at('some.log', `${LINES.join('\n')}\n`),
  }
}

const LINES = [
  `trovestrap[412]: stage=reach-rabbitmq state=failed code=AMQP_LOGIN_REFUSED message="rabbit://trove:${encodeURIComponent(PLANTED.guestRabbit)}@10.0.2.2:5672/trove"`,
  `2026-11-25 10:00:00.000 1 ERROR trove the password ${PLANTED.controlRabbit} of mysql+pymysql://trove:${encodeURIComponent(PLANTED.database)}@127.0.0.1/trove`,
  `2026-11-25 10:00:00.000 1 ERROR oslo_messaging instance_rpc_encr_key = ${PLANTED.instanceKey}, taskmanager ${PLANTED.taskmanagerKey}`,
  `2026-11-25 10:00:00.000 1 ERROR keystoneauth1 the password ${PLANTED.service} is wrong, docker login -p ${PLANTED.registry} fails`,
]
