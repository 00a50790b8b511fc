// Docker's own words for why an image did not come; the agent only says "Failed to start mysql" (I5).
import type { Cause, Step } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { editForGuests } from './edit-guest-config.ts'
import { createAnew, mayBe, prepareSaid } from './prepare-failed.ts'

const RATE = /toomanyrequests|pull rate limit/
const NAME = /manifest unknown|manifest for \S+ not found|repository does not exist|pull access denied|repository \S+ not found|name unknown|invalid reference format|requested access to the resource is denied|no such image: \S+: image not known/
const PLAIN = /server gave HTTP response to HTTPS client/
const AWAY = /dial tcp|i\/o timeout|no such host|Client\.Timeout exceeded|request canceled while waiting for connection|TLS handshake timeout|Temporary failure in name resolution|network is unreachable/
const ADDRESS = /(?:Get|Head|Post) \\?"(https?:\/\/[^\s"\\]+)/

export const imageUnreachable: Cause = {
  id: 'I1',
  name: 'image-registry-unreachable',
  title: 'the guest does not reach the registry of the datastore\'s container image',
  phase: 'prepare',
  shows: 'docker\'s "Get https://…/v2/: dial tcp … i/o timeout"; status "failed to spawn"',
  needs: ['guest', 'trove'],
  symptomOf: ['I4', 'C1', 'C3', 'C4'],
  mend: 'a registry on the management network ([mysql] docker_image), or the image in the guest image',
  find: pull(AWAY, 'its image may have no way to the guest', (facts, from) => ({
    what: `the guest does not reach the registry ${from}`,
    mend: [...editForGuests(facts, "name a registry that guests reach in docker_image of the datastore's section, or give them a way there,"), ...createAnew(facts)],
  })),
}

export const rateLimit: Cause = {
  id: 'I2',
  name: 'image-rate-limit',
  title: 'Docker Hub gives this address no more images for now',
  phase: 'prepare',
  shows: '"toomanyrequests: You have reached your pull rate limit"',
  needs: ['guest', 'trove'],
  mend: 'a mirror or registry of your own, or a login: container_registry under [guest_agent]',
  find: pull(RATE, 'Docker Hub may refuse more pulls', (facts) => ({
    what: 'Docker Hub refuses more pulls from this address',
    mend: [...editForGuests(facts, 'name a registry of your own in docker_image, or container_registry with a login under [guest_agent],'), ...createAnew(facts)],
  })),
}

export const imageName: Cause = {
  id: 'I3',
  name: 'image-unknown',
  title: 'no image has the name and tag that follow from docker_image and the datastore version',
  phase: 'prepare',
  shows: '"manifest unknown", "repository does not exist", "pull access denied"',
  needs: ['guest', 'trove'],
  mend: 'docker_image in the datastore\'s section; a datastore version whose number is a tag of it',
  find: pull(NAME, 'its image may not exist', (facts, _from, text) => {
    const image = /manifest for (\S+) not found|denied for ([^\s,]+)|repository (\S+) not found|no such image: (\S+): image not known/.exec(text)?.slice(1).find((one) => one !== undefined)
    const version = facts.evidence.trove?.instance?.datastore_version
    return {
      what: image === undefined ? 'the registry has no such image or tag' : /not known/.test(text) ? `the guest's container engine has no image ${image}, and this one (podman) does not fetch it by itself` : `the registry has no image ${image}`,
      mend: [...editForGuests(facts, `correct docker_image in the datastore's section: it needs the tag ${version ?? 'of the datastore version'}`), ...createAnew(facts)],
    }
  }),
}

export const plainRegistry: Cause = {
  id: 'I4',
  name: 'registry-plain-http',
  title: 'the registry speaks plain HTTP, and docker in the guest is not told to accept that',
  phase: 'prepare',
  shows: '"http: server gave HTTP response to HTTPS client"',
  needs: ['guest', 'trove'],
  mend: 'docker_insecure_registries in trove.conf, or TLS for the registry',
  find: pull(PLAIN, 'its registry may speak plain HTTP', (facts, from) => ({
    what: `the registry ${from} speaks plain HTTP, and docker in the guest refuses that`,
    mend: [{ on: 'host', say: `add ${from} to docker_insecure_registries in ${facts.evidence.machine?.trove_conf?.file.path ?? 'trove.conf'} and restart trove-taskmanager: it is injected when an instance is made` }, ...createAnew(facts)],
  })),
}

function pull(pattern: RegExp, otherwise: string, answer: (facts: Facts, from: string, text: string) => { what: string; mend: Step[] }): Cause['find'] {
  return (facts) => {
    const proof = prepareSaid(facts, pattern)
    if (proof === undefined) return anyPull(facts) ? undefined : mayBe(facts, otherwise)
    const from = ADDRESS.exec(proof.text)?.[1]?.replace(/^https?:\/\//, '').replace(/\/.*$/, '') ?? 'of its image'
    return { ...answer(facts, from, proof.text), proof: [proof] }
  }
}

/** Whether some reason of a failed pull was seen. */
export function anyPull(facts: Facts): boolean {
  return [RATE, NAME, PLAIN, AWAY].some((pattern) => prepareSaid(facts, pattern) !== undefined)
}
