import t from 'tap'
import { judge, type Claim, type Seen } from '../../../host-server/attestation/judge.ts'
import type { NovaServer } from '../../../openstack/nova.ts'
import type { TroveInstance } from '../../../openstack/trove.ts'

const ID = '3f744523-437f-442a-929b-c7274d737d60'
const SERVER = '763964c2-e7cc-4f05-947c-4f514351923f'
const IMAGE = '383883ae-5ab2-4a6c-803e-3bb24fe15a14'
const CLAIM: Claim = { instance: ID, address: '10.99.0.30' }
const INSTANCE: TroveInstance = { id: ID, name: 'a1', status: 'BUILD', task_description: 'The instance is building.', deleted: false, server_id: SERVER }
const NOVA: NovaServer = { id: SERVER, name: 'a1', status: 'ACTIVE', image: { id: IMAGE } }
const LET_IN = `; on the host, if it is to be let in: trovestrap approve ${ID}`

const seen = (instance: Partial<TroveInstance>, nova: Partial<NovaServer> = {}): Seen => ({ instance: { ...INSTANCE, ...instance }, server: { ...NOVA, ...nova }, addresses: ['10.98.0.178', '10.99.0.30', '2001:db8::5'] })

const ATTESTED: Record<string, [claim: Partial<Claim>, seen: Seen]> = {
  'a building instance from its own address': [{}, seen({})],
  'from another address of its server': [{ address: '10.98.0.178' }, seen({})],
  'over an IPv6 socket': [{ address: '::ffff:10.99.0.30' }, seen({})],
  'from its IPv6 address, written at length': [{ address: '2001:DB8:0::5' }, seen({})],
  'whose server Nova still builds': [{}, seen({}, { status: 'BUILD' })],
  'that is rebuilt, which takes its credential': [{}, seen({}, { status: 'REBUILD' })],
  'whose agent was not heard in time': [{}, seen({ status: 'ERROR', task_description: 'Build error: guestagent timeout.' })],
  'of a Trove that says BUILD and no task': [{}, seen({ task_description: null })],
  'from the image that its token is for': [{ image: IMAGE }, seen({})],
  'from any image, with a token for all': [{}, seen({}, { image: '' })],
}

for (const [title, [claim, saw]] of Object.entries(ATTESTED)) {
  t.test(`attested: ${title}`, async (t) => void t.same(judge({ ...CLAIM, ...claim }, saw), { verdict: 'attested', server: SERVER }))
}

const unknown = `Trove knows no instance ${ID}`
const notBuilt = (words: string): string => `instance ${ID} is not being built: Trove says ${words}`
const REFUSED: Record<string, [claim: Partial<Claim>, seen: Seen, why: string]> = {
  'one that Trove does not know': [{}, { addresses: [] }, unknown],
  'one that is deleted': [{}, seen({ deleted: true }), unknown],
  'an answer about another one': [{}, seen({ id: SERVER }), unknown],
  'one that runs': [{}, seen({ status: 'ACTIVE', task_description: 'No tasks for the instance.' }), notBuilt('No tasks for the instance. (ACTIVE)')],
  'one that is restarted, whose disk is kept': [{}, seen({ status: 'REBOOT', task_description: 'Rebooting the instance.' }), notBuilt('Rebooting the instance. (REBOOT)')],
  'one that is resized': [{}, seen({ status: 'RESIZE', task_description: 'Resizing the instance.' }), notBuilt('Resizing the instance. (RESIZE)')],
  'one that is upgraded': [{}, seen({ status: 'UPGRADE', task_description: 'Upgrading the instance.' }), notBuilt('Upgrading the instance. (UPGRADE)')],
  'one that is being deleted': [{}, seen({ status: 'SHUTDOWN', task_description: 'Deleting the instance.' }), notBuilt('Deleting the instance. (SHUTDOWN)')],
  'one whose server could not be made': [{}, seen({ status: 'ERROR', task_description: 'Build error: Server.' }), notBuilt('Build error: Server. (ERROR)')],
  'one of which Trove says nothing': [{}, seen({ status: null, task_description: null }), notBuilt('nothing of its task (no status)')],
  'one without a server': [{}, seen({ server_id: null }), `instance ${ID} has no server yet`],
  'one whose server is not there': [{}, { instance: INSTANCE, addresses: ['10.99.0.30'] }, `Nova has no more the server of instance ${ID}`],
  'one whose server is another': [{}, seen({}, { id: ID }), `Nova has no more the server of instance ${ID}`],
  ...Object.fromEntries(
    ['SHUTOFF', 'ERROR', 'DELETED', 'SOFT_DELETED', 'RESCUE', 'PAUSED', 'SUSPENDED', 'SHELVED', 'UNKNOWN', 'VERIFY_RESIZE'].map((status): [string, [object, Seen, string]] => [
      `one whose server is ${status}`,
      [{}, seen({}, { status }), `the server of instance ${ID} is ${status} in Nova: expected BUILD, ACTIVE, REBUILD`],
    ]),
  ),
  'another address': [{ address: '10.99.0.31' }, seen({}), `10.99.0.31 is no address of the server of instance ${ID}`],
  'an address that begins like its own': [{ address: '10.99.0.3' }, seen({}), `10.99.0.3 is no address of the server of instance ${ID}`],
  'no address at all': [{ address: '' }, { ...seen({}), addresses: [] }, ` is no address of the server of instance ${ID}`],
  'another image than its token is for': [{ image: SERVER }, seen({}), `its token is for image ${SERVER} alone, and its server boots from another`],
}

for (const [title, [claim, saw, why]] of Object.entries(REFUSED)) {
  t.test(`refused: ${title}`, async (t) => void t.same(judge({ ...CLAIM, ...claim }, saw), { verdict: 'refused', why: why + LET_IN }))
}

for (const image of ['', null]) {
  t.test(`undecided: a token for one image, and a server whose image is ${JSON.stringify(image)}`, async (t) => {
    t.same(judge({ ...CLAIM, image: IMAGE }, seen({}, { image })), { verdict: 'undecided', why: `its token is for image ${IMAGE} alone, and Nova does not say which image a server boots that boots from a volume${LET_IN}` })
  })
}

t.test('what a claimant is told names no address, server or image that it did not name', async (t) => {
  for (const [claim, saw] of Object.values(REFUSED)) {
    const verdict = judge({ ...CLAIM, ...claim }, saw)
    const told = 'why' in verdict ? verdict.why : ''
    for (const inner of ['10.98.0.178', '10.99.0.30', IMAGE, ...(claim.image === SERVER ? [] : [SERVER])]) t.notOk(told.includes(inner) && claim.address !== inner, `${told} names ${inner}`)
  }
})
