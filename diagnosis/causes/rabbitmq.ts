import type { Cause } from '../cause.ts'
import { brokerBlocks } from './broker-blocks.ts'
import { brokerDown } from './broker-down.ts'
import { certificateName, certificateUntrusted } from './broker-certificate.ts'
import { guestUserRemote, loginRefused } from './login-refused.ts'
import { notAmqp } from './not-amqp.ts'
import { otherBroker } from './other-broker.ts'
import { permissionMissing } from './permission-missing.ts'
import { propertiesDiffer } from './properties-differ.ts'
import { queueDown, transientRefused } from './queue-refused.ts'
import { tlsMismatch } from './tls-mismatch.ts'
import { vhostRefused } from './vhost-refused.ts'

/** G: what RabbitMQ answers. */
export const rabbitmq: readonly Cause[] = [
  brokerDown,
  loginRefused,
  vhostRefused,
  permissionMissing,
  guestUserRemote,
  tlsMismatch,
  certificateUntrusted,
  certificateName,
  propertiesDiffer,
  transientRefused,
  brokerBlocks,
  notAmqp,
  queueDown,
  otherBroker,
]
