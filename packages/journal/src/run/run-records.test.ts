import { expect, test } from 'vitest'
import type { ReadEntry } from '../record/entries.ts'
import { generator } from '../testing/generator.ts'
import { RunRecords } from './run-records.ts'

interface Asked {
  readonly scope: string
  readonly fingerprint: string
}

function recordsOf(calls: readonly Asked[], started: readonly Asked[] = []): RunRecords {
  const requests = calls.map(
    ({ fingerprint }, index) => [started.length + index, { fingerprint, base: undefined }] as const,
  )
  return new RunRecords(entries(calls, started), new Map(requests))
}

function entries(calls: readonly Asked[], started: readonly Asked[]): ReadEntry[] {
  const all = [
    ...started.map((data) => ({ kind: 'llm-start', data })),
    ...calls.map((asked) => ({ kind: 'llm', data: { ...asked, request: { pieces: [] } } })),
  ]
  return all.map((entry, seq) => ({ ...entry, seq, atMs: seq, payload: undefined })) as never
}

test('however parallel calls come back, each gets a record of its own that says the same, in order among equals', () => {
  const random = generator(7)
  for (let round = 0; round < 1_000; round++) {
    const calls = Array.from({ length: 1 + Math.floor(random() * 20) }, () => ({
      scope: random() < 0.5 ? '' : '/other',
      fingerprint: `f${Math.floor(random() * 6)}`,
    }))
    const records = recordsOf(calls)
    const order = calls.map((call) => ({ call, at: random() })).toSorted((a, b) => a.at - b.at)

    const served = order.map(({ call }) => ({
      call,
      seq: records.takeCall(call.scope, call.fingerprint)?.seq ?? -1,
    }))

    expect(new Set(served.map(({ seq }) => seq)).size).toBe(calls.length)
    for (const { call, seq } of served) expect(calls[seq]).toEqual(call)
    for (const { call } of served) {
      const same = served.filter(
        (other) => other.call.scope === call.scope && other.call.fingerprint === call.fingerprint,
      )
      const seqs = same.map(({ seq }) => seq)
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
      expect(records.takeCall(call.scope, call.fingerprint)).toBeUndefined()
    }
  }
})

test('another first call diverges, one that was under way does not, nor does one that comes later', () => {
  const known = { scope: '', fingerprint: 'known' }
  const underWay = { scope: '', fingerprint: 'under way' }
  const records = recordsOf([known], [underWay, known])
  expect(records.hasOther('', 'new', undefined)).toBe(true)
  expect(records.hasOther('', 'under way', undefined)).toBe(false)
  // It goes on from a call that nobody went on from before.
  expect(records.hasOther('', 'new', 1)).toBe(false)
  expect(records.hasOther('/other', 'new', undefined)).toBe(false)
  records.takeCall('', 'known')
  expect(records.hasOther('', 'new', undefined)).toBe(false)
})
