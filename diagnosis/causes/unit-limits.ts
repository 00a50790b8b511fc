import type { Cause } from '../cause.ts'
import { proofOf } from '../facts.ts'
import { again, nameOf, OURS, stateOf } from './image-unit.ts'
import { isHeard } from './is-heard.ts'

/** D8 */
export const startTimeout: Cause = {
  id: 'D8',
  name: 'unit-start-timeout',
  title: 'fetching or pip take longer than the unit of the image allows (TimeoutSec)',
  phase: 'install-requirements',
  shows: '`start-pre operation timed out. Terminating.`; result timeout',
  needs: ['guest'],
  mend: 'a longer TimeoutStartSec, or dependencies that are in the image already',
  find(facts) {
    const unit = facts.agentUnit
    const line = isHeard(facts) ? undefined : facts.line(/(?:start-pre|start) operation timed out/, 'agent', 'guest')
    if (!(line || unit?.result === 'timeout') || isHeard(facts)) return undefined
    const name = nameOf(facts)
    return {
      what: `${name} is ended by systemd before it has fetched and installed all`,
      proof: [...(line ? [proofOf(line)] : []), ...stateOf(facts.agentUnit)],
      mend: [
        { on: 'guest', run: `sudo sh -c 'mkdir -p /etc/systemd/system/${name}.d && printf "[Service]\\nTimeoutStartSec=3600\\n" >/etc/systemd/system/${name}.d/timeout.conf && systemctl daemon-reload'` },
        again(facts),
        OURS,
      ],
    }
  },
}

/** D10 */
export const startLimit: Cause = {
  id: 'D10',
  name: 'start-limit-hit',
  title: "the agent's unit ended so often that systemd has given it up",
  phase: 'start-agent',
  shows: '`Start request repeated too quickly.`; result start-limit-hit; then silence',
  needs: ['guest'],
  // Something made it end each time; systemd's giving up only hides it.
  symptomOf: ['B2', 'B3', 'B6', 'B7', 'B8', 'B10', 'C4', 'D1', 'D2', 'D3', 'D4', 'D8', 'D9', 'D11', 'E1', 'E2', 'E3', 'E4', 'E5', 'F1', 'F2', 'F6', 'F7', 'F8', 'G2', 'G3', 'G4', 'G5', 'G9', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6'],
  mend: 'systemctl reset-failed and restart, once its reason is gone; StartLimitIntervalSec=0, RestartSec=5',
  find(facts) {
    if (isHeard(facts)) return undefined
    const line = facts.line(/Start request repeated too quickly/, 'agent')
    if (facts.agentUnit?.result !== 'start-limit-hit' && !(line && facts.agentUnit?.active === 'failed')) return undefined
    const name = nameOf(facts)
    const last = facts.lines('agent').findLast(({ text }) => /(?:Error|Exception|CRITICAL|ERROR|Traceback|[Ff]ailed)\b/.test(text) && !/Start request|Failed with result|Failed to start/.test(text))
    return {
      what: `systemd has given ${name} up after ${facts.agentUnit?.restarts ?? 'several'} quick restarts${last ? '' : '; why it ended is not in its journal'}`,
      proof: [...(line ? [proofOf(line)] : []), ...(last ? [proofOf(last)] : []), ...stateOf(facts.agentUnit)],
      mend: [
        { on: 'guest', run: `sudo sh -c 'mkdir -p /etc/systemd/system/${name}.d && printf "[Unit]\\nStartLimitIntervalSec=0\\n[Service]\\nRestartSec=5\\n" >/etc/systemd/system/${name}.d/limit.conf && systemctl daemon-reload'` },
        again(facts),
        OURS,
      ],
    }
  },
}
