import { childRun, enterRun } from '@holdfast/core'
import type { CallEvent, Interceptor, Run } from '@holdfast/core'
import { memoryLimitStore } from '@holdfast/core/limits'
import { startLab } from '@holdfast/lab'
import { describe, expect, test } from 'vitest'
import { ask, wireNames } from '../../testing/exchange.ts'
import type { Ended } from '../../testing/exchange.ts'
import { reliability } from '../../reliability/reliability.ts'
import { aroundCall, governance } from '../governance.ts'
import type { GovernancePorts } from '../governance.ts'
import type { GovernanceOptions } from '../options.ts'
import { capReachedOf } from './cap-reached-error.ts'

const prices = { 'test-model': { inputUsdPerMillion: 1_000, outputUsdPerMillion: 5_000 } }
const usage = { inputTokens: 40, outputTokens: 10 }
const anthropic = { wire: 'anthropic-messages' } as const

function governed(options: GovernanceOptions, ports: GovernancePorts = {}) {
  const { store = memoryLimitStore(), ...others } = ports
  return aroundCall(governance(options, { store, ...others }))
}

async function several(count: number, one: (index: number) => Promise<Ended>): Promise<Ended[]> {
  const all: Ended[] = []
  for (let index = 0; index < count; index++) all.push(await one(index))
  return all
}

const good = (all: readonly Ended[]) => all.filter(({ status }) => status === 200).length
const decisions = (events: readonly CallEvent[]) =>
  events.flatMap((event) =>
    event.type === 'decision-made' ? [`${event.decision.verdict} ${event.decision.rule}`] : [],
  )

describe('a cap', () => {
  test.each(
    wireNames.flatMap((wire) => [
      { wire, streaming: true },
      { wire, streaming: false },
    ]),
  )(
    'on tokens is never exceeded, whatever is asked for: $wire, streamed $streaming',
    async (how) => {
      await using lab = await startLab({ script: { usage } })
      const run = childRun({ id: 'r' })
      const line = governed({ caps: { maxTokens: 1_000 }, assumedOutputTokens: 100 })

      const ended = await several(40, () => ask(lab.url, line, { ...how, run }))

      const counted = how.wire === 'openai-chat' && how.streaming ? 0 : 5
      expect(good(ended)).toBeGreaterThan(counted)
      expect(lab.requests.length * 50).toBeLessThanOrEqual(1_000)
      expect(ended.at(-1)?.error).toMatchObject({ code: 'CAP_REACHED', cap: 'maxTokens' })
    },
  )

  test('what took more than was reserved counts before the next request is admitted', async () => {
    await using lab = await startLab({ script: { usage: { inputTokens: 40, outputTokens: 900 } } })
    const run = childRun({ id: 'r' })
    const line = governed({ caps: { maxTokens: 1_000, softAt: false }, assumedOutputTokens: 10 })
    const first = ask(lab.url, line, { run, ...anthropic })
    const second = first.then(() => ask(lab.url, line, { run, ...anthropic }))

    expect(good(await Promise.all([first, second]))).toBe(1)
    expect(lab.requests).toHaveLength(1)
  })

  test('says which, how much is spent, and what there is so far', async () => {
    await using lab = await startLab({ script: { usage, text: 'Half of the answer.' } })
    const run = childRun({ id: 'r' })
    const line = governed({ caps: { maxUsd: 1, softAt: false }, prices })

    const ended = await several(12, () => ask(lab.url, line, { ...anthropic, run }))

    const calls = good(ended)
    expect(calls).toBeGreaterThan(2)
    const error = capReachedOf(ended.at(-1)?.error)
    expect(error).toMatchObject({
      cap: 'maxUsd',
      per: 'run',
      runId: 'r',
      limit: 1,
      retryable: false,
    })
    expect(error?.spent).toBeCloseTo(calls * 0.09, 6)
    expect(error?.partial).toMatchObject({
      text: 'Half of the answer.',
      calls: 12,
      inputTokens: calls * 40,
      outputTokens: calls * 10,
    })
    expect(error?.partial.costUsd).toBeCloseTo(calls * 0.09, 6)
    expect(JSON.stringify(error)).not.toContain('Half')
  })

  test('of a run is spent by its sub-agents too, and theirs by them alone', async () => {
    await using lab = await startLab({ script: { usage } })
    const root = childRun({ id: 'root' })
    const child = (id: string) => enterRun(root, () => childRun({ id }))
    const line = governed({ caps: { maxCalls: 3, maxIterations: 2, softAt: false } })
    const asks = (run: Run) => ask(lab.url, line, { run })

    const first = await several(3, () => asks(child('a')))
    const second = await several(2, () => asks(child('b')))
    const own = await asks(root)

    expect(good(first)).toBe(2)
    expect(first[2]?.error).toMatchObject({ cap: 'maxIterations', runId: 'a' })
    expect(good(second)).toBe(1)
    expect(second[1]?.error).toMatchObject({ cap: 'maxCalls', runId: 'root' })
    expect(own.error).toMatchObject({ cap: 'maxCalls', runId: 'root' })
  })

  test('per user and day counts a user over runs, and tells when it starts anew', async () => {
    await using lab = await startLab()
    let now = Date.parse('2026-11-21T23:59:00Z')
    const line = governed(
      { caps: { per: 'user', periodMs: 86_400_000, maxCalls: 2 } },
      { store: memoryLimitStore({ now: () => now }), now: () => now },
    )
    const as = (user: string) => ask(lab.url, line, { run: childRun({ user }) })

    const [one, two, three] = [await as('ada'), await as('ada'), await as('ada')]
    const other = await as('ben')
    now += 120_000
    const tomorrow = await as('ada')

    expect([one.status, two.status, other.status, tomorrow.status]).toEqual([200, 200, 200, 200])
    expect(three.error).toMatchObject({
      code: 'CAP_REACHED',
      per: 'user',
      retryAt: new Date('2026-11-22T00:00:00Z'),
    })
    expect(String(three.error)).not.toContain('ada')
  })

  test('holds for calls at once, and for all attempts of a call', async () => {
    await using lab = await startLab({
      script: [{ fault: 'reset-mid-body', usage }, { fault: 'unavailable' }, { usage }],
    })
    const store = memoryLimitStore()
    const family = governance({ caps: { maxTokens: 900, softAt: false } }, { store })
    const inner = reliability({ retry: { baseDelayMs: 1 }, circuitBreaker: false })
    const line = aroundCall({ ...family, live: [...family.live, inner] })
    const run = childRun({ id: 'r' })

    const ended = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        ask(lab.url, line, { ...anthropic, streaming: false, run, prompt: `p${index}` }),
      ),
    )

    // Each may take its bytes and 100 tokens.
    expect(lab.requests.length).toBeLessThan(8)
    expect(good(ended)).toBeGreaterThan(0)
    expect(ended.some(({ error }) => capReachedOf(error) !== undefined)).toBe(true)
  })

  test('counts what somebody further in adds to a call, once', async () => {
    await using lab = await startLab({ script: { usage } })
    const family = governance({ loops: false, caps: { maxTokens: 2_000, softAt: false } })
    const longer: Interceptor = (call, next) => {
      const text = { type: 'text' as const, text: 'x'.repeat(600) }
      const messages = [{ role: 'user' as const, parts: [text] }]
      return next(call.with({ request: { ...call.request, messages } }))
    }
    const line = aroundCall({ ...family, live: [...family.live, longer] })
    const run = childRun({ id: 'r' })

    const ended = await several(40, () => ask(lab.url, line, { ...anthropic, run }))

    // Each may take some 800 and takes 50: refused where less than that is left.
    const calls = good(ended)
    expect(calls).toBeGreaterThan(20)
    expect(calls).toBeLessThan(28)
    expect(capReachedOf(ended.at(-1)?.error)?.spent).toBeGreaterThanOrEqual(calls * 50)
  })

  test('outside of a run there is none per run, but one for all', async () => {
    await using lab = await startLab()
    const perRun = governed({ caps: { maxCalls: 1 } })
    const forAll = governed({ caps: { per: 'all', maxCalls: 1 } })

    expect(good(await several(3, () => ask(lab.url, perRun)))).toBe(3)
    expect(good(await several(3, () => ask(lab.url, forAll)))).toBe(1)
  })

  test('in dollars refuses a model without a price', async () => {
    await using lab = await startLab()
    const line = governed({ caps: { maxUsd: 1 }, prices })
    const { error } = await ask(lab.url, line, { run: childRun(), model: 'other' })
    expect(error).toMatchObject({ code: 'CALL_REFUSED' })
    expect(String(error)).toContain('other')
  })

  test('on time ends a run that takes too long', async () => {
    await using lab = await startLab()
    let now = 1_000
    const line = governed({ caps: { maxWallMs: 5_000 } }, { now: () => now })
    const run = childRun({ id: 'r' })
    await ask(lab.url, line, { run })
    now += 4_500
    const late = await ask(lab.url, line, { run })
    now += 600
    const over = await ask(lab.url, line, { run })
    expect(decisions(late.events)).toEqual(['warn caps.maxWallMs.soft'])
    expect(late.status).toBe(200)
    expect(over.error).toMatchObject({ cap: 'maxWallMs', spent: 5_100, limit: 5_000 })
  })
})

describe('before a cap is reached', () => {
  const said = (lab: { readonly requests: readonly { readonly body: unknown }[] }, at: number) =>
    JSON.stringify(lab.requests.at(at)?.body)

  test.each(wireNames)(
    'the model is told, late in the request and always the same: %s',
    async (wire) => {
      await using lab = await startLab()
      const line = governed({ caps: { maxCalls: 5 } })
      const run = childRun({ id: 'r' })

      const ended = await several(6, () => ask(lab.url, line, { wire, run }))

      expect([0, 3].map((at) => said(lab, at).includes('system-notice'))).toEqual([false, false])
      expect(said(lab, 4).match(/<system-notice>/g)).toHaveLength(1)
      expect(said(lab, 4).indexOf('system-notice')).toBeGreaterThan(said(lab, 4).indexOf('hello'))
      expect(decisions(ended[4]?.events ?? [])).toEqual(['warn caps.maxCalls.soft'])
      expect(ended[4]?.status).toBe(200)
      expect(ended[5]?.error).toMatchObject({ code: 'CAP_REACHED' })
    },
  )

  test('a cheaper model answers', async () => {
    await using lab = await startLab()
    const line = governed({
      caps: { maxCalls: 4, softAt: false, degradeAt: 0.5, degradeTo: 'small-model' },
    })
    const run = childRun({ id: 'r' })

    const ended = await several(4, () => ask(lab.url, line, { run }))

    expect(lab.requests.map(({ model }) => model)).toEqual([
      'test-model',
      'test-model',
      'small-model',
      'small-model',
    ])
    expect(decisions(ended[2]?.events ?? [])).toEqual(['change caps.maxCalls.degrade'])
  })

  test('somebody is asked, and a yes is good for what was shown', async () => {
    await using lab = await startLab()
    const asked: string[] = []
    let verdict: 'approved' | 'denied' = 'approved'
    const redeemed: string[] = []
    const line = governed(
      { caps: { maxCalls: 2, ask: true, softAt: false } },
      {
        approver: {
          async ask({ argumentsText }) {
            asked.push(argumentsText)
            return verdict === 'approved'
              ? { verdict, id: '1', by: 'ops' }
              : { verdict, id: '2', by: 'ops', reason: 'enough is enough' }
          },
          async redeem({ argumentsHash }) {
            redeemed.push(argumentsHash)
            return true
          },
        },
      },
    )
    const run = childRun({ id: 'r' })

    const three = await several(3, () => ask(lab.url, line, { run }))
    verdict = 'denied'
    const fourth = await ask(lab.url, line, { run })

    expect(good(three)).toBe(3)
    expect(asked).toEqual([
      '{"cap":"maxCalls","limit":2,"per":"run","raiseTo":3}',
      '{"cap":"maxCalls","limit":2,"per":"run","raiseTo":4}',
    ])
    expect(redeemed).toHaveLength(1)
    expect(fourth.error).toMatchObject({ code: 'CAP_REACHED' })
    expect(String(fourth.error)).toContain('enough is enough')
    expect(decisions(three[2]?.events ?? [])).toEqual(['ask caps.maxCalls', 'allow caps.maxCalls'])
  })
})

describe('what is settled', () => {
  test('nothing for a refusal of the provider, all that was reserved for an answer that broke off', async () => {
    await using lab = await startLab({
      script: [{ fault: 'unavailable' }, { fault: 'reset-mid-stream', usage }, { usage }],
    })
    const line = governed({ caps: { maxTokens: 350, softAt: false } })
    const run = childRun({ id: 'r' })

    const ended = await several(3, () => ask(lab.url, line, { ...anthropic, run }))

    expect(ended[0]?.status).toBe(503)
    expect(lab.requests).toHaveLength(2)
    const spent = capReachedOf(ended[2]?.error)?.spent ?? 0
    expect(spent).toBeGreaterThan(100)
    expect(spent).toBeLessThan(350)
  })
})

test('a cheaper model that could only be refused is refused at the start', () => {
  const big = { inputUsdPerMillion: 1, outputUsdPerMillion: 2 }
  const caps = { maxUsd: 2, degradeTo: 'small' }
  expect(() => governance({ prices: { big }, caps })).toThrow(/no price for small/)
  expect(() => governance({ prices: { big, small: big }, caps })).not.toThrow()
})
