import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readEvidence } from '../diagnosis/read-evidence.ts'
import { judge, without } from '../lab/fault-lab/judge.ts'
import { keptOutcomes } from '../lab/fault-lab/outcome-file.ts'
import { labFaults } from '../lab/faults/all.ts'
import { median, seconds } from './statistics.ts'

const RECORDINGS = new URL('../test/diagnosis/recordings/', import.meta.url)
const TROVESTRAP = new URL('../bin/trovestrap', import.meta.url).pathname
const ROUNDS = 5

/** What diagnose says to every recording of the fault lab, and what it costs. @returns markdown */
export async function diagnosis(): Promise<string> {
  const kept = keptOutcomes()
  const recorded = (await readdir(RECORDINGS)).filter((file) => file.endsWith('.json')).map((file) => file.replace(/\.json$/, ''))
  const rows = labFaults.filter(({ name }) => recorded.includes(name)).map((fault) => {
    const evidence = readEvidence(new URL(`${fault.name}.json`, RECORDINGS).pathname)
    const whole = judge(evidence, fault.expect)
    const blind = judge(without(evidence, 'guest'), fault.expect)
    return { fault, whole, blind, kept: kept[fault.name] }
  })
  const broken = rows.filter(({ fault }) => fault.expect.length > 0)
  const count = (ok: (row: (typeof rows)[number]) => boolean) => broken.filter(ok).length
  const causes = new Set(broken.flatMap(({ fault }) => fault.expect))
  const took = rows.flatMap(({ kept }) => (kept === undefined ? [] : [kept.took]))
  const mended = rows.flatMap(({ kept }) => (kept?.mended === undefined ? [] : [kept.mended]))
  return `Real faults in a real guest (QEMU under TCG), RabbitMQ and Trove's conductor, recorded by \`npm run lab -- faults --record\` (about an hour); judged again here.

| figure | measured | wanted |
|---|---|---|
| causes reproduced, by ${broken.length} faults | ${causes.size} | 45 |
| named right with everything seen | ${count(({ whole }) => whole.judgement === 'right')} of ${broken.length} | all |
| without SSH: right / undecided / wrong | ${count(({ blind }) => blind.judgement === 'right')} / ${count(({ blind }) => blind.judgement === 'undecided')} / ${count(({ blind }) => blind.judgement === 'wrong')} | wrong: 0 |
| healthy instances and moments of a normal bring-up without a finding | ${rows.filter(({ fault, whole }) => fault.expect.length === 0 && whole.found.length === 0).length} of ${rows.length - broken.length} | all |
| diagnose as a process with everything reachable, guest under emulation: median, longest | ${seconds(median(took))}, ${seconds(Math.max(...took))} | under 4 s |
| diagnose as a process with everything dead | ${seconds(await everythingDead())} | under 10 s |
| mended on the host: until the guest is ready (or healthy), median, longest | ${seconds(median(mended))}, ${seconds(Math.max(...mended))} | within 20 s |

| fault | expected | found | without SSH | diagnose | mended after |
|---|---|---|---|---|---|
${rows.map(({ fault, whole, blind, kept }) => `| ${fault.name} | ${fault.expect.join(' ') || '-'} | ${whole.found.join(' ') || whole.verdict} | ${blind.judgement} | ${kept === undefined ? '-' : seconds(kept.took)} | ${kept?.mended === undefined ? '-' : `${seconds(kept.mended)} (${fault.mends})`} |`).join('\n')}
`
}

/** Every place is configured and none answers: ports of this machine that nobody listens on. */
async function everythingDead(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'trovestrap-dead-'))
  try {
    const [config, trove, key] = ['trovestrap.yaml', 'trove.conf', 'key'].map((name) => join(folder, name))
    await writeFile(config!, `names: [127.0.0.1]\nlisten: {address: 127.0.0.1, port: 1}\nstate: ${folder}/state\nsource: {path: ${folder}}\nguest_config: {trove_conf: ${trove}}\n`)
    await writeFile(trove!, '[DEFAULT]\ntransport_url = rabbit://trove:dead@127.0.0.1:1/trove\n[database]\nconnection = mysql+pymysql://trove:dead@127.0.0.1:1/trove\n')
    await writeFile(key!, '')
    const times: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const began = performance.now()
      await new Promise<void>((resolve) => execFile(TROVESTRAP, ['--config', config!, 'diagnose', '11111111-1111-4111-8111-111111111111'], { cwd: folder }, () => resolve()))
      times.push((performance.now() - began) / 1000)
    }
    return median(times)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}


