import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { Secret } from '../../../contract/secret.ts'
import { networkSeen, portSeen, ruleSeen } from '../../../diagnosis/collect/neutron/seen.ts'
import { serverSeen } from '../../../diagnosis/collect/nova/server-seen.ts'
import { instanceSeen } from '../../../diagnosis/collect/trove-api/instance-seen.ts'
import { Cloud } from '../../../openstack/cloud.ts'
import { CloudError } from '../../../openstack/cloud-error.ts'
import { networks, ports, rules, subnets } from '../../../openstack/neutron.ts'
import { consoleOutput, server } from '../../../openstack/nova.ts'
import { managedInstance, ownInstance } from '../../../openstack/trove.ts'
import { changedJsonText, texts } from './inputs.ts'
import { law, valueOr, type Parser } from './law.ts'

const ANSWERS = JSON.parse(readFileSync(new URL('../../diagnosis/collect/openstack/answers.json', import.meta.url), 'utf8')) as Record<string, unknown>
const endpoints = (url: string) => (['database', 'compute', 'network'] as const).map((type) => ({ type, endpoints: [{ interface: 'public', region: 'RegionOne', url: `${url}/${type}` }] }))
const tokenOf = (url: string) => ({ token: { project: { id: 'p', name: 'admin' }, roles: [{ name: 'admin' }], catalog: endpoints(url) } })
const status = fc.oneof({ weight: 5, arbitrary: fc.constant(200) }, { weight: 1, arbitrary: fc.constantFrom(201, 204, 300, 401, 403, 404, 406, 500, 503) })

/** Each case makes requests over the loopback, to one server that says to all of them what the case wants. */
export const cloudAnswers: Parser = {
  name: "OpenStack's answers",
  async laws(held) {
    const says = { login: '', status: 200, body: '' }
    const answering = createServer((request, response) => {
      const isLogin = request.url!.includes('/auth/tokens')
      request.resume()
      response.writeHead(isLogin ? 201 : says.status, isLogin ? { 'x-subject-token': 'token' } : {}).end(isLogin ? says.login : says.body)
    }).listen(0, '127.0.0.1')
    await once(answering, 'listening')
    held.defer(() => {
      answering.closeAllConnections()
      answering.close()
    })
    const url = `http://127.0.0.1:${(answering.address() as AddressInfo).port}`
    const settings = { from: 'clouds.yaml', authUrl: `${url}/v3`, login: { kind: 'password', user: { name: 'admin', domain: { id: 'default' } }, password: new Secret('pa55word') }, interface: 'public', verify: true, endpoints: {} } as const
    const patience = () => ({ signal: AbortSignal.timeout(30_000), until: Date.now() })
    const asked = (cloud: Cloud): readonly (() => Promise<unknown>)[] => [
      async () => instanceSeen(await managedInstance(cloud, 'i', patience())),
      async () => instanceSeen(await ownInstance(cloud, '5b2d1f3e-1111-4111-8111-111111111111', patience())),
      async () => serverSeen(await server(cloud, 's', patience())),
      async () => (await ports(cloud, { device_id: 's' }, patience())).map(portSeen),
      async () => (await rules(cloud, ['g'], patience())).map(ruleSeen),
      async () => (await networks(cloud, ['n'], patience())).map((network) => networkSeen(network, [])),
      async () => await subnets(cloud, ['n'], patience()),
      async () => await consoleOutput(cloud, 's', 10, patience()),
    ]
    const body = fc.oneof({ weight: 6, arbitrary: changedJsonText(Object.values(ANSWERS)) }, { weight: 1, arbitrary: texts() })
    const refusals = [CloudError]
    // One cloud for the answers: its login is made once.
    says.login = JSON.stringify(tokenOf(url))
    const cloud = new Cloud(settings)
    await cloud.session(patience())
    return {
      'any answer is what was asked for, or refused': law(fc.tuple(status, body, fc.nat({ max: 7 })), async ([status, body, question]) => {
        Object.assign(says, { status, body, login: JSON.stringify(tokenOf(url)) })
        await valueOr(refusals, () => asked(cloud)[question]!())
      }),
      'any login is one, or refused, and leads to services that can be asked': law(changedJsonText([tokenOf(url)]), async (login) => {
        Object.assign(says, { login, status: 404, body: '{}' })
        await valueOr(refusals, () => asked(new Cloud(settings))[0]!())
      }),
    }
  },
}
