import type { Cause, Proof, Step } from '../cause.ts'
import { proofOf } from '../facts.ts'
import { agentSaid } from './agent-said.ts'

const LINE = /Error while fetching server API version|docker\.errors\.DockerException|docker-hostnic|Cannot connect to the Docker daemon|control process exited, code=exited,? status=7\b/
const DAEMON_JSON = /unable to configure the Docker daemon with file|invalid insecure-registry|daemon\.json/

export const dockerDown: Cause = {
  id: 'H6',
  name: 'docker-not-running',
  title: 'the container engine does not answer in the guest',
  phase: 'start-agent',
  shows: 'the agent ends with "DockerException: Error while fetching server API version"; its unit fails in curl with status 7',
  needs: ['guest', 'console', 'record'],
  symptomOf: ['B8'],
  mend: 'systemctl status docker in the guest; correct /etc/docker/daemon.json',
  find(facts) {
    const proof = agentSaid(facts, LINE)
    if (proof === undefined) return undefined
    const json = facts.line(DAEMON_JSON, 'guest')
    const unit = facts.unit('docker.service')
    const closed = /Permission denied|EACCES/.test(proof.text)
    const state: Proof[] = unit === undefined ? [] : [{ source: 'guest', where: 'guest, systemctl', text: `docker.service ${unit.load} ${unit.active} ${unit.result}` }]
    const why = closed ? "the agent's user may not use its socket" : unit?.load === 'masked' ? 'docker.service is masked' : unit?.load === 'not-found' ? 'it is not installed' : json ? 'its configuration is refused' : 'it does not run'
    return { what: `the container engine does not answer the agent: ${why}`, proof: [proof, ...(json ? [proofOf(json)] : []), ...state], mend: mend(closed, unit?.load, json !== undefined) }
  },
}

function mend(closed: boolean, load: string | undefined, json: boolean): Step[] {
  if (closed) return [{ on: 'guest', run: 'sudo usermod --append --groups docker trove' }, { on: 'guest', run: 'sudo systemctl restart trovestrap-agent' }]
  if (load === 'not-found') return [{ on: 'image', say: 'install docker.io in the image' }]
  if (json) return [{ on: 'host', say: 'correct docker_insecure_registries and docker_bridge_network_ip in trove.conf: they make /etc/docker/daemon.json' }, { on: 'guest', run: 'sudo systemctl restart docker.service' }]
  return [
    { on: 'guest', run: 'sudo systemctl unmask docker.service docker.socket' },
    { on: 'guest', run: 'sudo systemctl start docker.service' },
    { on: 'guest', run: 'sudo journalctl -u docker.service -n 20 --no-pager' },
  ]
}
