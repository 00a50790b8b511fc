import t from 'tap'
import { agentSaid } from '../../../diagnosis/causes/agent-said.ts'
import { factsOf } from '../../../diagnosis/facts.ts'
import { evidenceOf, failed, type Given, queues } from '../evidence-of.ts'

const LINE = 'RuntimeError: The guest_id parameter is not set.'
const journals = { 'trovestrap-agent.service': ['Started.', LINE] }
const ask = (given: Given) => agentSaid(factsOf(evidenceOf(given)), /guest_id parameter is not set/)

t.test("the agent's line is read without SSH from what the daemon passed on", async (t) => {
  const proof = ask({ console: [failed('confirm', 'AGENT_EXITED', { last: LINE })] })
  t.match(proof, { source: 'console', where: 'guest console', text: LINE })
})

t.test("the agent's line is read from its journal, with the place", async (t) => {
  t.same(ask({ guest: { journals } }), { source: 'guest', where: 'journalctl -u trovestrap-agent', text: LINE })
})

t.test('a line of an agent that is connected by now proves nothing', async (t) => {
  t.equal(ask({ guest: { journals }, broker: { queues: queues(0, 1) } }), undefined)
})

t.test('another line is not the one', async (t) => {
  t.equal(ask({ console: [failed('confirm', 'AGENT_EXITED', { last: 'something else' })], guest: { journals: { kernel: [LINE] } } }), undefined)
})
