import type { Cause } from '../cause.ts'
import { databaseUser } from './database-user.ts'
import { dockerDown } from './docker-down.ts'
import { registryLogin } from './registry-login.ts'
import { sudoRefused } from './sudo-refused.ts'
import { deviceMissing, volumeUnusable } from './volume.ts'

/** H: what ends the agent before it ever speaks to RabbitMQ. */
export const agentStart: readonly Cause[] = [deviceMissing, volumeUnusable, databaseUser, sudoRefused, registryLogin, dockerDown]
