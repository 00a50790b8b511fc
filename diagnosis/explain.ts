import type { Diagnosis, Finding } from './diagnosis.ts'
import { duration } from './duration.ts'
import { mendLines } from './explain-mend.ts'
import { notSeenLines } from './explain-not-seen.ts'
import { proofLines } from './explain-proof.ts'
import { undecidedLines } from './explain-undecided.ts'
import { instant } from './instant.ts'
import { page, type Look, type Page } from './page.ts'
import { printable } from './printable.ts'

/** Proofs of the first finding; of the further ones one each. One screen is what people read. */
const PROOFS = 4
const FURTHER = 3
/** Seconds; what was looked at longer ago may have changed since. */
const STALE = 60

/** A diagnosis for people: the verdict first, then what proves it, what to type, and where nobody could look. */
export function explain(diagnosis: Diagnosis, look: Look): string {
  const sheet = page(look)
  const [first, ...further] = diagnosis.findings
  const who = printable(diagnosis.name ?? diagnosis.instance)
  if (first === undefined) sheet.verdict(`${who} ${diagnosis.standing.text}${closing(diagnosis)}`, tagOf(diagnosis), diagnosis.verdict)
  else sheet.verdict(`${who} ${diagnosis.standing.text}: ${first.what}`, first.name, 'cause')
  sheet.gap()
  if (first !== undefined) {
    sheet.section('proof', proofLines(first.proof.slice(0, PROOFS), look))
    sheet.section('mend', mendLines(first.mend))
  }
  further.slice(0, FURTHER).forEach((finding) => furtherFinding(sheet, finding, look))
  if (further.length > FURTHER) sheet.section('and', [further.slice(FURTHER).map(({ id, name }) => `${id} ${name}`).join(' · ')])
  if (diagnosis.symptoms.length > 0) sheet.section('follows', [diagnosis.symptoms.map(({ id, name, of }) => `${name} (${id}, of ${of})`).join(' · ')])
  sheet.sections(undecidedLines(diagnosis, look))
  sheet.section('not seen', notSeenLines(diagnosis.not_seen))
  if (diagnosis.broken.length > 0) sheet.section('broken', [`the checks of ${diagnosis.broken.join(', ')} failed on this evidence; please report it with the file of --save`])
  const age = (look.now.getTime() - (instant(diagnosis.at) ?? look.now.getTime())) / 1000
  if (age > STALE) sheet.section('as of', [`${diagnosis.at}, ${duration(age)} ago`])
  return sheet.text()
}

function furtherFinding(sheet: Page, { what, name, proof, mend }: Finding, look: Look): void {
  sheet.gap()
  sheet.verdict(`also: ${what}`, name, 'cause')
  sheet.section('proof', proofLines(proof.slice(0, 1), look))
  sheet.section('mend', mendLines(mend))
}

function closing({ verdict, undecided }: Diagnosis): string {
  if (verdict === 'undecided') return undecided.length === 1 ? '; it may be one thing, which nothing seen proves' : `; it may be one of ${undecided.length} things`
  return verdict === 'unknown' ? '; no cause that is known fits' : ''
}

function tagOf({ verdict }: Diagnosis): string {
  return verdict === 'undecided' ? 'undecided' : verdict === 'unknown' ? 'unknown' : ''
}
