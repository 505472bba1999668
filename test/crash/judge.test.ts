import { expect, test } from 'vitest'
import { isWhole, judge } from './judge.ts'
import type { Losses, RunFacts } from './judge.ts'
import type { Truth } from './truth.ts'

const begun: Truth = { at: 'begun', step: 0, slot: 0 }
const effect: Truth = { at: 'effect', step: 0, slot: 0, receipt: 'receipt 0.0 #a' }

/** A run of one round that nothing happened to, but for what is changed. */
function judged(changed: Partial<RunFacts> = {}): Losses {
  return judge({
    work: { rounds: 1, slots: 1 },
    truth: [begun, effect],
    asked: [0, 1].map((step) => ({ step, life: 0, completed: false })),
    receipts: new Map([['0.0', 'receipt 0.0 #a']]),
    kills: 0,
    answer: 'done',
    wantedAnswer: 'done',
    storeIsWhole: true,
    ...changed,
  })
}

test('a run that nothing happened to has lost nothing', () => {
  expect(isWhole(judged())).toBe(true)
})

test('a step whose reply was there and that is asked for again is lost', () => {
  const asked = [0, 0, 1].map((step, index) => ({ step, life: index, completed: index === 1 }))
  expect(judged({ asked, kills: 1 })).toMatchObject({ lostSteps: 1, excessRequests: 0 })
})

test('a model that is told another result than the tool returned is a step lost', () => {
  expect(judged({ receipts: new Map([['0.0', 'receipt 0.0 #b']]) }).lostSteps).toBe(1)
  expect(judged({ receipts: new Map() }).lostSteps).toBe(1)
})

test('a second effect of the same call is a repeated one, whoever allowed it', () => {
  const truth: Truth[] = [begun, effect, { at: 'settled', step: 0, slot: 0, as: 'again' }, begun]
  expect(judged({ truth: [...truth, { ...effect, receipt: 'receipt 0.0 #b' }] })).toMatchObject({
    repeatedEffects: 1,
    silentDoubts: 0,
  })
})

test('a call that begins again is a silent doubt unless somebody said again', () => {
  const settled = (as: 'again' | 'done'): Truth => ({ at: 'settled', step: 0, slot: 0, as })
  expect(judged({ truth: [begun, begun, effect] }).silentDoubts).toBe(1)
  expect(judged({ truth: [begun, settled('done'), begun, effect] }).silentDoubts).toBe(1)
  expect(judged({ truth: [begun, settled('again'), begun, effect] }).silentDoubts).toBe(0)
  expect(judged({ truth: [begun, settled('again'), begun, begun, effect] }).silentDoubts).toBe(1)
})

test('each kill may cost one request, and no more', () => {
  const asked = [0, 0, 0, 1].map((step, life) => ({ step, life, completed: false }))
  expect(judged({ asked, kills: 2 }).excessRequests).toBe(0)
  expect(judged({ asked, kills: 1 }).excessRequests).toBe(1)
})

test('an answer that is missing or another one is wrong, and a broken store is told', () => {
  expect(judged({ answer: undefined }).wrongAnswers).toBe(1)
  expect(judged({ answer: 'not all' }).wrongAnswers).toBe(1)
  expect(judged({ storeIsWhole: false }).brokenStores).toBe(1)
})
