/** Trove's tasks that matter while an instance is made, by the text that the API gives (trove/instance/tasks.py). */
export const TASKS: Readonly<Record<string, number>> = {
  'No tasks for the instance.': 0x01,
  'Deleting the instance.': 0x02,
  'Rebooting the instance.': 0x03,
  'Resizing the instance.': 0x04,
  'The instance is building.': 0x05,
  'Build error: DNS.': 0x50,
  'Build error: Server.': 0x51,
  'Build error: Volume.': 0x52,
  'Build error: Secgroup or rule.': 0x53,
  'Build error: Replica.': 0x54,
  'Build error: guestagent timeout.': 0x5b,
  'Build error: Port.': 0x5c,
}

/** A service's states by the text that database and API give (trove/instance/service_status.py). */
export const SERVICE_STATES: Readonly<Record<string, number>> = {
  running: 0x01,
  blocked: 0x02,
  paused: 0x03,
  shutdown: 0x04,
  deleted: 0x05,
  crashed: 0x06,
  'failed to spawn': 0x08,
  building: 0x09,
  unknown: 0x16,
  new: 0x17,
  'guestagent error': 0x18,
  'instance ready': 0x19,
  'restart required': 0x20,
  healthy: 0x21,
}

/** What the API makes of them, where one word stands for one state; ERROR, SHUTDOWN and BUILD stand for several. */
export const STATE_OF_API_WORD: Readonly<Record<string, string>> = {
  NEW: 'new',
  ACTIVE: 'running',
  HEALTHY: 'healthy',
  FAILED: 'failed to spawn',
  BLOCKED: 'blocked',
  DELETED: 'deleted',
  RESTART_REQUIRED: 'restart required',
}
