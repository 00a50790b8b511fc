import type { Report } from '../../../contract/report.ts'

/** A report as a guest sends it; what a test is about is passed in. */
export function reportOf(seq: number, changed: Partial<Report> = {}): Report {
  return {
    boot: '00000000-0000-4000-8000-000000000001',
    run: '0000000a',
    seq,
    at: '2026-01-01T00:00:00.000Z',
    uptime: 10 + seq,
    stage: 'network',
    state: 'begun',
    attempt: 1,
    ...changed,
  }
}
