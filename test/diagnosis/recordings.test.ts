// What `npm run lab -- faults --record` saw of real guests, brokers and control planes that were broken on purpose, judged again without booting anything.
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { diagnose } from '../../diagnosis/diagnose.ts'
import type { Evidence, GuestSeen } from '../../diagnosis/evidence.ts'
import { readEvidence } from '../../diagnosis/read-evidence.ts'
import { judge, misledWithout, without } from '../../lab/fault-lab/judge.ts'
import type { LabFault } from '../../lab/fault-lab/lab-fault.ts'
import { labFaults } from '../../lab/faults/all.ts'

/** What the issue asks for. */
const CAUSES_REPRODUCED = 45
/** Passwords that the faults themselves put into configuration files. */
const PLANTED = /secret-of-nobody|another-secret|0123456789abcdef0123456789abcdef/

const folder = join(import.meta.dirname, 'recordings')
const recordings = globSync('*.json', { cwd: folder }).sort().map((file) => {
  const fault = labFaults.find(({ name }) => name === basename(file, '.json'))
  if (fault === undefined) throw new Error(`recordings/${file} belongs to no fault of the lab`)
  return { fault, file, evidence: readEvidence(join(folder, file)) }
})

t.test('for each the right cause is named, and nothing else', async (t) => {
  for (const { fault, evidence } of recordings) t.same(judge(evidence, fault.expect).found, fault.expect, fault.name)
})

t.test('without SSH to the guest it is the right cause, or undecided where the guest has to be seen; never a wrong one', async (t) => {
  for (const { fault, evidence } of recordings) {
    const { judgement, found, verdict } = judge(without(evidence, 'guest'), fault.expect)
    const allowed = fault.told_by?.includes('guest') ? ['right', 'undecided'] : ['right']
    t.ok(allowed.includes(judgement), `${fault.name}: ${judgement}, ${found.join(' ') || verdict}`)
  }
})

t.test('what is undecided without SSH says what to look at', async (t) => {
  for (const { fault, evidence } of recordings.filter(({ fault }) => fault.expect.length > 0)) {
    const { verdict, next } = diagnose(without(evidence, 'guest'))
    if (verdict === 'undecided') t.ok(next !== undefined, fault.name)
  }
})

t.test('taking away each collector in turn never turns a right answer into a wrong one', async (t) => {
  for (const { fault, evidence } of recordings) t.same(misledWithout(evidence, fault.expect), [], fault.name)
})

t.test('taking away any two of them does not either', async (t) => {
  for (const { fault, evidence } of recordings) {
    const sources = Object.keys(evidence.looked) as (keyof Evidence['looked'])[]
    for (const [index, one] of sources.entries()) {
      for (const other of sources.slice(index + 1)) {
        const { judgement, found, verdict } = judge(without(evidence, one, other), fault.expect)
        t.not(judgement, 'wrong', `${fault.name} without ${one} and ${other}: ${found.join(' ') || verdict}`)
      }
    }
  }
})

t.test('a guest that could be seen in part only is never taken for one that lacks what was not seen', async (t) => {
  for (const { fault, evidence } of recordings) {
    for (const [field, emptied] of Object.entries(EMPTY)) {
      if (evidence.guest === undefined) continue
      const guest = { ...evidence.guest, ...emptied, unseen: [...(evidence.guest.unseen ?? []), field] }
      const { judgement, found, verdict } = judge({ ...evidence, guest }, fault.expect)
      t.not(judgement, 'wrong', `${fault.name} without the guest's ${field}: ${found.join(' ') || verdict}`)
    }
  }
})

const EMPTY: Readonly<Record<string, Partial<GuestSeen>>> = {
  units: { units: [] },
  journals: { journals: {} },
  logs: { logs: {} },
  config: { config: [], config_faults: [] },
  files: { files: [] },
  addresses: { addresses: [] },
  paths: { paths: [], routes: [] },
  probes: { probes: [] },
  devices: { devices: [] },
  disks: { disks: [] },
  accounts: { accounts: [] },
}

t.test('a healthy instance, and one that comes up well, has no finding at any stage', async (t) => {
  const healthy = recordings.filter(({ fault }) => fault.expect.length === 0)
  for (const { fault, evidence } of healthy) {
    const { verdict, findings, undecided } = diagnose(evidence)
    t.ok(['healthy', 'coming-up'].includes(verdict), `${fault.name}: ${verdict}`)
    t.same([findings, undecided], [[], []], fault.name)
  }
})

t.test('every fault of the lab has a recording, of as many causes as the lab has to reproduce', async (t) => {
  t.same(labFaults.filter((fault: LabFault) => !recordings.some((one) => one.fault === fault)).map(({ name }) => name), [])
  const causes = new Set(recordings.flatMap(({ fault }) => fault.expect))
  t.ok(causes.size >= CAUSES_REPRODUCED, `${causes.size} causes`)
})

t.test('every verdict ends in something to type or to do', async (t) => {
  for (const { fault, evidence } of recordings) for (const { id, mend, proof } of diagnose(evidence).findings) t.ok(mend.length > 0 && proof.length > 0, `${fault.name}: ${id}`)
})

t.test('no recording holds a secret that was planted', async (t) => {
  for (const { file } of recordings) t.notMatch(readFileSync(join(folder, file), 'utf8'), PLANTED, file)
})
