import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AdmissionRequest, BudgetClaim, LimitStore } from '@holdfast/core/limits'

/** A store under test, and its time. */
export interface LimitStoreUnderTest {
  readonly store: LimitStore
  /** Another one on the same state, as another process would have; the same one where state is not shared. */
  readonly other: LimitStore
  /** Lets so much of the store's time pass. */
  elapse(ms: number): Promise<void>
  close(): Promise<void>
}

const minuteMs = 60_000

/** What every limit store does, whatever it keeps its state in. */
export function describeLimits(name: string, start: () => Promise<LimitStoreUnderTest>): void {
  describe(`${name} as a limit store`, () => {
    let tested: LimitStoreUnderTest
    let store: LimitStore
    let other: LimitStore
    let count = 0
    beforeEach(async () => {
      tested = await start()
      ;({ store, other } = tested)
    })
    afterEach(() => tested.close())

    const ask = async (claims: Partial<AdmissionRequest>, from: LimitStore = store) =>
      from.admit({ id: `request-${++count}`, leaseMs: minuteMs, ...claims })
    const batch = () => `batch-${++count}`

    describe('rates', () => {
      const rate = (cost: number, more = {}) => ({
        rates: [{ key: 'r', limit: 60, periodMs: minuteMs, burst: 10, cost, ...more }],
      })

      test('admits the burst at once, then one by one as the rate says', async () => {
        const first = await Promise.all(
          Array.from({ length: 12 }, (_, index) => ask(rate(1), index % 2 === 0 ? store : other)),
        )
        expect(first.filter(({ admitted }) => admitted)).toHaveLength(10)
        const refusal = first.find(({ admitted }) => !admitted)
        expect(refusal).toMatchObject({ by: 'rate', key: 'r' })
        expect(retryOf(refusal)).toBeGreaterThan(0)
        expect(retryOf(refusal)).toBeLessThanOrEqual(1_000)

        await tested.elapse(1_000)
        const then = [await ask(rate(1)), await ask(rate(1))]
        expect(then.map(({ admitted }) => admitted)).toEqual([true, false])
      })

      test('a cost above the burst waits for all of it and is paid off afterwards', async () => {
        const whole = { limit: 60_000, burst: 1_000 }
        expect(await ask(rate(3_000, whole))).toMatchObject({ admitted: true })
        const next = await ask(rate(1, whole))
        expect(next).toMatchObject({ admitted: false, by: 'rate' })
        // 3,000 at 1,000 per second, of which the burst covers 1,000 less the one that is asked for.
        expect(retryOf(next)).toBeGreaterThan(1_500)
        expect(retryOf(next)).toBeLessThanOrEqual(2_001)
      })

      test('what was not used comes back, what was used above the estimate is paid off', async () => {
        const claim = { key: 'r', limit: 60, periodMs: minuteMs, burst: 10, cost: 10 }
        await ask({ id: 'first', rates: [claim] })
        await store.settle(batch(), [{ id: 'first', rates: [{ ...claim, used: 4 }] }])
        expect(await ask(rate(6))).toMatchObject({ admitted: true })
        expect(await ask(rate(1))).toMatchObject({ admitted: false })

        await store.settle(batch(), [{ id: 'second', rates: [{ ...claim, cost: 6, used: 36 }] }])
        expect(retryOf(await ask(rate(1)))).toBeGreaterThan(29_000)
      })

      test('a request that one limit refuses takes nothing of the others', async () => {
        const full = { key: 'full', limit: 1, periodMs: minuteMs, burst: 1, cost: 1 }
        const free = { key: 'free', limit: 60, periodMs: minuteMs, burst: 2, cost: 1 }
        await ask({ rates: [full] })
        for (let index = 0; index < 3; index++) {
          expect(await ask({ rates: [free, full] })).toMatchObject({ admitted: false, key: 'full' })
        }
        expect(await ask({ rates: [free] })).toMatchObject({ admitted: true })
        expect(await ask({ rates: [free] })).toMatchObject({ admitted: true })
      })
    })

    describe('slots', () => {
      const slots = [{ key: 's', max: 3 }]

      test('as many as there are, whoever asks; a settled one is free again', async () => {
        const ids = ['a', 'b', 'c', 'd', 'e']
        const answers = await Promise.all(
          ids.map((id, index) => ask({ id, slots }, index % 2 === 0 ? store : other)),
        )
        expect(answers.filter(({ admitted }) => admitted)).toHaveLength(3)
        expect(answers.find(({ admitted }) => !admitted)).toMatchObject({
          by: 'concurrency',
          key: 's',
        })

        const held = ids.filter((_, index) => answers[index]?.admitted === true)
        await other.settle(batch(), [{ id: held[0] ?? '', slots }])
        expect(await ask({ slots })).toMatchObject({ admitted: true })
        expect(await ask({ slots })).toMatchObject({ admitted: false })
      })

      test('one whose process is gone is free after its lease; a renewed one is not', async () => {
        await ask({ id: 'dead', leaseMs: 200, slots: [{ key: 's', max: 2 }] })
        await ask({ id: 'alive', leaseMs: 200, slots: [{ key: 's', max: 2 }] })
        const refusal = await ask({ slots: [{ key: 's', max: 2 }] })
        expect(retryOf(refusal)).toBeLessThanOrEqual(200)
        await store.renew([{ id: 'alive', leaseMs: minuteMs, slots }])
        await tested.elapse(210)
        expect(await ask({ slots: [{ key: 's', max: 2 }] })).toMatchObject({ admitted: true })
        expect(await ask({ slots: [{ key: 's', max: 2 }] })).toMatchObject({ admitted: false })
      })
    })

    describe('budgets', () => {
      const claim = (amount: number, more: Partial<BudgetClaim> = {}): BudgetClaim => ({
        key: 'b',
        limit: 1_000,
        amount,
        ...more,
      })

      test('what is reserved and what was spent never exceed the limit', async () => {
        const answers = await Promise.all(
          Array.from({ length: 12 }, (_, index) =>
            ask({ budgets: [claim(100)] }, index % 2 === 0 ? store : other),
          ),
        )
        expect(answers.filter(({ admitted }) => admitted)).toHaveLength(10)
        expect(answers.find(({ admitted }) => !admitted)).toEqual({
          admitted: false,
          by: 'budget',
          key: 'b',
          retryInMs: Infinity,
          spent: 1_000,
        })
      })

      test('the unused part of a reservation comes back', async () => {
        await ask({ id: 'x', budgets: [claim(1_000)] })
        expect(await ask({ budgets: [claim(1)] })).toMatchObject({ admitted: false })
        await store.settle(batch(), [{ id: 'x', budgets: [{ ...claim(1_000), used: 300 }] }])
        expect(await ask({ budgets: [claim(701)] })).toMatchObject({ admitted: false })
        expect(await ask({ budgets: [claim(700)] })).toMatchObject({ admitted: true })
      })

      test('several scopes are reserved together or not at all', async () => {
        const run = { key: 'run', limit: 100, amount: 60 }
        const user = { key: 'user', limit: 100, amount: 60 }
        await ask({ budgets: [user] })
        expect(await ask({ budgets: [run, user] })).toMatchObject({ admitted: false, key: 'user' })
        expect(await ask({ budgets: [{ ...run, amount: 100 }] })).toMatchObject({ admitted: true })
      })

      test('the reservation of a dead process comes back once; what it spent late is counted', async () => {
        await ask({ id: 'dead', leaseMs: 150, budgets: [claim(800)] })
        expect(await ask({ budgets: [claim(300)] })).toMatchObject({ admitted: false })
        await tested.elapse(160)
        expect(await ask({ id: 'next', budgets: [claim(300)] })).toMatchObject({ admitted: true })
        await store.settle(batch(), [{ id: 'dead', budgets: [{ ...claim(800), used: 600 }] }])
        expect(await ask({ budgets: [claim(101)] })).toMatchObject({ admitted: false })
        expect(await ask({ budgets: [claim(100)] })).toMatchObject({ admitted: true })
      })

      test('a refusal tells what is spent and reserved', async () => {
        await ask({ id: 'x', budgets: [claim(300)] })
        await store.settle(batch(), [{ id: 'x', budgets: [{ ...claim(300), used: 120 }] }])
        await ask({ budgets: [claim(500)] })
        expect(await ask({ budgets: [claim(400)] })).toMatchObject({ spent: 620 })
      })

      test('a budget with a keep time is forgotten so long after its last use', async () => {
        const kept = (amount: number) => [claim(amount, { keepMs: 150 })]
        const once = (id: string, used: number) =>
          store.settle(batch(), [{ id, budgets: [{ ...claim(100, { keepMs: 150 }), used }] }])
        await ask({ id: 'x', leaseMs: 10, budgets: kept(100) })
        await once('x', 900)
        await tested.elapse(100)
        await ask({ id: 'y', leaseMs: 10, budgets: kept(100) })
        await once('y', 100)
        await tested.elapse(100)
        expect(await ask({ budgets: kept(1) })).toMatchObject({ admitted: false, spent: 1_000 })
        await tested.elapse(160)
        expect(await ask({ budgets: kept(1_000) })).toMatchObject({ admitted: true })
      })

      test('a renewed reservation stays', async () => {
        await ask({ id: 'long', leaseMs: 150, budgets: [claim(800)] })
        await store.renew([{ id: 'long', leaseMs: minuteMs, budgets: [claim(800)] }])
        await tested.elapse(160)
        expect(await ask({ budgets: [claim(300)] })).toMatchObject({ admitted: false })
        expect(await ask({ budgets: [claim(200)] })).toMatchObject({ admitted: true })
      })

      test('a batch that is told twice is counted once', async () => {
        await ask({ id: 'x', budgets: [claim(500)] })
        const settlement = { id: 'x', budgets: [{ ...claim(500), used: 500 }] }
        await store.settle('the-batch', [settlement])
        await other.settle('the-batch', [settlement])
        expect(await ask({ budgets: [claim(500)] })).toMatchObject({ admitted: true })
      })

      test('a budget with a period starts anew with the next one', async () => {
        const periodMs = 1_500
        // Begins with a period, so that the test does not fall on its end.
        const first = await ask({ budgets: [claim(1_001, { periodMs })] })
        await tested.elapse(retryOf(first) + 5)

        await ask({ id: 'x', leaseMs: 100, budgets: [claim(900, { periodMs })] })
        await store.settle(batch(), [
          { id: 'x', budgets: [{ ...claim(900, { periodMs }), used: 900 }] },
        ])
        const refusal = await ask({ budgets: [claim(200, { periodMs })] })
        expect(refusal).toMatchObject({ admitted: false, by: 'budget' })
        expect(retryOf(refusal)).toBeLessThanOrEqual(periodMs)
        await tested.elapse(retryOf(refusal) + 5)
        expect(await ask({ budgets: [claim(1_000, { periodMs })] })).toMatchObject({
          admitted: true,
        })
      })

      test('a reservation that outlives the period is given back once', async () => {
        const periodMs = 400
        await ask({ id: 'x', budgets: [claim(600, { periodMs })] })
        await tested.elapse(2 * periodMs)
        expect(await ask({ budgets: [claim(500, { periodMs })] })).toMatchObject({
          admitted: false,
        })
        await store.settle(batch(), [
          { id: 'x', budgets: [{ ...claim(600, { periodMs }), used: 0 }] },
        ])
        expect(await ask({ budgets: [claim(1_000, { periodMs })] })).toMatchObject({
          admitted: true,
        })
        expect(await ask({ budgets: [claim(1, { periodMs })] })).toMatchObject({ admitted: false })
      })
    })

    describe('circuits', () => {
      const rules = { failures: 3, openMs: 200, maxOpenMs: 500 }
      const circuit = 'openai/gpt'
      const fail = (id: string, from: LimitStore = store) => from.circuitFailed(circuit, id, rules)
      const open = async () => {
        for (let index = 0; index < 3; index++) await fail(`f${index}`)
      }

      test('failures of all processes together open it; one of them is told', async () => {
        expect(await ask({ circuit })).toEqual({ admitted: true, probe: false, failures: 0 })
        expect([await fail('1'), await fail('2', other)]).toEqual([false, false])
        expect(await ask({ circuit })).toEqual({ admitted: true, probe: false, failures: 2 })
        expect([await fail('3'), await fail('4', other)]).toEqual([true, false])
        const refusal = await ask({ circuit }, other)
        expect(refusal).toMatchObject({ admitted: false, by: 'circuit', key: circuit })
        expect(retryOf(refusal)).toBeGreaterThan(0)
        expect(retryOf(refusal)).toBeLessThanOrEqual(200)
      })

      test('a success ends the row of failures', async () => {
        await fail('1')
        await fail('2')
        await other.circuitSucceeded(circuit, 'good')
        expect([await fail('3'), await fail('4')]).toEqual([false, false])
        expect(await ask({ circuit })).toMatchObject({ admitted: true })
      })

      test('one request tries it when its time is over, and closes it when it succeeds', async () => {
        await open()
        await tested.elapse(210)
        const answers = await Promise.all(
          ['a', 'b', 'c', 'd'].map((id, index) =>
            ask({ id, circuit }, index % 2 === 0 ? store : other),
          ),
        )
        expect(answers.filter(({ admitted }) => admitted)).toMatchObject([{ probe: true }])
        const probe = ['a', 'b', 'c', 'd'][answers.findIndex(({ admitted }) => admitted)] ?? ''
        // A late success of an earlier request says nothing.
        await store.circuitSucceeded(circuit, 'late')
        expect(await ask({ circuit })).toMatchObject({ admitted: false })
        await store.circuitSucceeded(circuit, probe)
        expect(await ask({ circuit }, other)).toEqual({ admitted: true, probe: false, failures: 0 })
      })

      test('a failed try leaves it open for twice as long, up to the longest', async () => {
        await open()
        for (const openMs of [400, 500]) {
          const before = await ask({ circuit })
          await tested.elapse(retryOf(before) + 5)
          expect(await ask({ id: 'probe', circuit })).toMatchObject({ admitted: true, probe: true })
          expect(await fail('another')).toBe(false)
          expect(await fail('probe')).toBe(false)
          const refusal = await ask({ circuit })
          expect(retryOf(refusal)).toBeGreaterThan(openMs / 2)
          expect(retryOf(refusal)).toBeLessThanOrEqual(openMs)
        }
      })

      test('a try whose process is gone blocks no longer than its lease', async () => {
        await open()
        await tested.elapse(210)
        expect(await ask({ id: 'dead', leaseMs: 150, circuit })).toMatchObject({ probe: true })
        expect(await ask({ circuit })).toMatchObject({ admitted: false })
        await tested.elapse(160)
        expect(await ask({ id: 'next', circuit })).toMatchObject({ admitted: true, probe: true })
        await store.circuitSucceeded(circuit, 'dead')
        expect(await ask({ circuit })).toMatchObject({ admitted: false })
      })

      test('a try that is not made after all is free for the next one', async () => {
        await open()
        await tested.elapse(210)
        expect(await ask({ id: 'idle', circuit })).toMatchObject({ probe: true })
        await store.renew([{ id: 'idle', leaseMs: 0, circuit }])
        await tested.elapse(2)
        expect(await ask({ circuit })).toMatchObject({ admitted: true, probe: true })
      })

      test('a try that takes long is renewed', async () => {
        await open()
        await tested.elapse(210)
        await ask({ id: 'slow', leaseMs: 150, circuit })
        await store.renew([{ id: 'slow', leaseMs: minuteMs, circuit }])
        await tested.elapse(160)
        expect(await ask({ circuit })).toMatchObject({ admitted: false })
      })

      test('a request that a limit refuses is no try', async () => {
        await open()
        await tested.elapse(210)
        const full = { rates: [{ key: 'r', limit: 1, periodMs: minuteMs, burst: 1, cost: 1 }] }
        await ask(full)
        expect(await ask({ circuit, ...full })).toMatchObject({ admitted: false, by: 'rate' })
        expect(await ask({ circuit })).toMatchObject({ admitted: true, probe: true })
      })
    })

    test('answers when asked whether it is there, and says when it is closed', async () => {
      await expect(store.ping()).resolves.toBe(true)
      if (!store.shared) return
      await other.close()
      await expect(other.ping()).resolves.toBe(false)
    })
  })
}

function retryOf(admission: unknown): number {
  const { retryInMs } = admission as { retryInMs?: number }
  return retryInMs ?? Number.NaN
}
