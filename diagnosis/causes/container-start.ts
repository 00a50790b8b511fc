import type { Cause, Proof } from '../cause.ts'
import { type Facts, proofOf } from '../facts.ts'
import { anyPull } from './image-pull.ts'
import { createAnew, mayBe, prepareSaid, tracebackSeen } from './prepare-failed.ts'

const LATE = /Timeout while waiting for database status to change|Database failed to start/
const START = /Failed to start (mysql|mariadb|postgres\w*|database)/
/** The agent could not log in to the database that it had started. */
const SILENT = /Can't connect to (?:local )?(?:MySQL|MariaDB) server on 'localhost'|connection to server [^\n]{0,100}(?:localhost|127\.0\.0\.1)[^\n]{0,100}(?:refused|failed)/
const NETWORK = /(network[^\n]*(create|hostnic)|hostnic)[^\n]*(timed out|[Tt]imeout)|([Tt]imed out|Timeout)[^\n]*(networks\/create|hostnic)/
const DIED = /unknown variable|unrecognized configuration parameter|\[ERROR\] \[MY-\d+\]|FATAL: {2}/
const ENDED = /\[ERROR\] Aborting$/

export const networkSlow: Cause = {
  id: 'I6',
  name: 'docker-network-slow',
  title: 'making the docker network takes longer than the agent waits',
  phase: 'prepare',
  shows: 'a timeout in docker network create',
  needs: ['guest', 'trove'],
  mend: 'a newer Trove (LP2157547), or a less busy compute host',
  find(facts) {
    const proof = prepareSaid(facts, NETWORK)
    if (proof === undefined) return undefined
    return { what: 'docker in the guest took longer to make its network than the agent waits', proof: [proof], mend: [{ on: 'cloud', say: 'the compute host is very busy: another host, or a Trove that waits longer (LP2157547)' }, ...createAnew(facts)] }
  },
}

export const containerUnhealthy: Cause = {
  id: 'I5',
  name: 'database-not-healthy',
  title: "the database's container starts, and dies or never becomes healthy",
  phase: 'prepare',
  shows: '"Timeout while waiting for database status to change", "Failed to start mysql"; the container\'s own log has the reason',
  needs: ['guest', 'trove'],
  symptomOf: ['I1', 'I2', 'I3', 'I4', 'I6', 'B8', 'B10'],
  mend: 'docker logs database in the guest; a config template of the datastore\'s release; state_change_wait_time for slow hosts',
  find(facts) {
    if (anyPull(facts) || prepareSaid(facts, NETWORK)) return undefined
    const proof = prepareSaid(facts, LATE) ?? prepareSaid(facts, SILENT) ?? startedInVain(facts)
    if (proof === undefined) return mayBe(facts, 'its database may not have become healthy')
    const died = containerSaid(facts)
    return {
      what: died === undefined ? 'the database did not become healthy in time' : `the database ended: ${died.text.replace(/^[\d: -]+(?=\[)/, '').slice(0, 160)}`,
      proof: [...(died ? [died] : []), proof],
      mend: [
        { on: 'guest', run: 'sudo docker logs --tail 30 database' },
        { on: 'host', say: died ? "correct the template of the datastore's release (trove/templates), which trove-taskmanager renders" : 'a slow host: raise state_change_wait_time in trove.conf and for guests' },
        ...createAnew(facts),
      ],
    }
  },
}

/** "Failed to start mysql" of a whole traceback that shows no error of docker: the container ran, and the database in it did not. */
function startedInVain(facts: Facts): Proof | undefined {
  const proof = prepareSaid(facts, START)
  if (proof === undefined) return undefined
  const whole = proof.source === 'guest' || tracebackSeen(facts)
  return whole && prepareSaid(facts, /docker\.errors\.|During handling of the above exception/) === undefined ? proof : undefined
}

function containerSaid(facts: Facts): Proof | undefined {
  const { docker } = facts.evidence.guest ?? {}
  const line = docker?.said?.split('\n').find((text) => DIED.test(text))
  if (line !== undefined) return { source: 'guest', where: 'guest, docker logs database', text: line }
  const logged = facts.line(DIED, 'agent', 'guest') ?? facts.line(ENDED, 'agent', 'guest')
  if (logged) return proofOf(logged)
  const restarting = docker?.containers.find((text) => /Restarting|Exited \([1-9]/.test(text))
  return restarting === undefined ? undefined : { source: 'guest', where: 'guest, docker ps', text: restarting }
}
