import { memoryLimitStore } from '@holdfast/core/limits'
import { startLab } from '@holdfast/lab'
import { describe, expect, test } from 'vitest'
import { ask, callTo, send } from '../../testing/exchange.ts'
import type { Ended } from '../../testing/exchange.ts'
import { reliability } from '../reliability.ts'
import { estimateTokens, mostTokens } from './estimate.ts'
import { limits } from './limits.ts'

describe('a rate limit', () => {
  test('lets the burst through and refuses the rest where that is asked for', async () => {
    await using lab = await startLab()
    const limited = limits({ rateLimit: { requestsPerMinute: 60, burst: 3 }, onLimit: 'refuse' })

    const ended = await several(5, () => ask(lab.url, limited))

    expect(lab.requests).toHaveLength(3)
    const refused = ended.filter(({ error }) => error !== undefined)
    expect(refused).toHaveLength(2)
    const { error, events } = refused[0] as Ended
    expect(error).toMatchObject({ code: 'LIMIT_REACHED', retryable: true })
    const { retryAt } = error as { retryAt: Date }
    expect(retryAt.getTime() - Date.now()).toBeGreaterThan(0)
    expect(retryAt.getTime() - Date.now()).toBeLessThanOrEqual(1_000)
    expect(events).toMatchObject([{ type: 'limit-reached', limit: 'rate', waits: false }])
  })

  test('makes calls wait for their turn, first come first served', async () => {
    await using lab = await startLab()
    const limited = limits({ rateLimit: { requestsPerMinute: 1_200, burst: 1 } })

    const order: number[] = []
    const startedAtMs = performance.now()
    const ended = await Promise.all(
      [0, 1, 2, 3, 4].map(async (index) => {
        const one = await ask(lab.url, limited)
        order.push(index)
        return one
      }),
    )

    const tookMs = performance.now() - startedAtMs
    expect(ended.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(order).toEqual([0, 1, 2, 3, 4])
    expect(tookMs).toBeGreaterThanOrEqual(199)
    expect(ended.at(-1)?.events).toMatchObject([{ type: 'limit-reached', waits: true }])
  })

  test('does not let a call wait longer than it has', async () => {
    await using lab = await startLab()
    const limited = limits({ rateLimit: { requestsPerMinute: 6, burst: 1 } })
    await ask(lab.url, limited)

    const { error, tookMs } = await ask(lab.url, limited, { patienceMs: 5_000 })

    expect(error).toMatchObject({ code: 'LIMIT_REACHED' })
    expect(tookMs).toBeLessThan(4_000)
    expect(lab.requests).toHaveLength(1)
  })

  test('lets a caller who gives up go, and the next one takes the turn', async () => {
    await using lab = await startLab()
    const limited = limits({ rateLimit: { requestsPerMinute: 600, burst: 1 } })
    await ask(lab.url, limited)

    const [gone, patient] = await Promise.all([
      ask(lab.url, limited, { signal: AbortSignal.timeout(20) }),
      ask(lab.url, limited),
    ])

    expect(gone.error).toMatchObject({ name: 'TimeoutError' })
    expect(patient.status).toBe(200)
  })

  test('counts tokens as estimated first and as reported in the end', async () => {
    await using lab = await startLab({ script: { usage: { inputTokens: 900, outputTokens: 100 } } })
    const store = memoryLimitStore({ now: () => Date.parse('2026-11-21T12:00:00Z') })
    const policies = reliability(
      { rateLimit: { tokensPerMinute: 60_000, burstTokens: 2_500 }, onLimit: 'refuse' },
      { limitStore: store },
    )

    // Each asks for about a thousand and takes a thousand.
    const ended = []
    for (let call = 0; call < 3; call++) {
      ended.push(await ask(lab.url, policies, { wire: 'anthropic-messages', prompt: `${call}` }))
    }
    // 500 are left. The wire's max_tokens is 100, and the prompt is short.
    expect(ended.map(({ status }) => status)).toEqual([200, 200, 200])
    expect((await ask(lab.url, policies, { wire: 'anthropic-messages' })).error).toMatchObject({
      code: 'LIMIT_REACHED',
    })
  })

  test('is kept per account and model unless it says otherwise', async () => {
    await using lab = await startLab()
    const rateLimit = { requestsPerMinute: 1, burst: 1 }
    const limited = limits({ rateLimit, onLimit: 'refuse' })
    const together = limits({ rateLimit: { ...rateLimit, per: 'all' }, onLimit: 'refuse' })
    const asks = [{}, { model: 'another' }, { apiKey: 'another' }, {}]

    const alone = []
    const all = []
    for (const one of asks) alone.push((await ask(lab.url, limited, one)).status)
    for (const one of asks) all.push((await ask(lab.url, together, one)).status)

    expect(alone).toEqual([200, 200, 200, undefined])
    expect(all).toEqual([200, undefined, undefined, undefined])
  })

  test('leads to a fallback where there is no room', async () => {
    await using lab = await startLab()
    const policies = reliability({
      rateLimit: { requestsPerMinute: 1, burst: 1 },
      onLimit: 'refuse',
      fallback: { to: [{ model: 'spare' }] },
    })

    const first = await ask(lab.url, policies, { prompt: 'one' })
    const second = await ask(lab.url, policies, { prompt: 'two' })

    expect([first.status, second.status]).toEqual([200, 200])
    expect(lab.requests.map(({ model }) => model)).toEqual(['test-model', 'spare'])
  })

  test('has no room for a retry: the call ends with what the provider said', async () => {
    await using lab = await startLab({ script: { fault: 'unavailable' } })
    const policies = reliability({
      rateLimit: { requestsPerMinute: 1, burst: 1 },
      onLimit: 'refuse',
      retry: { baseDelayMs: 1 },
    })

    const { status } = await ask(lab.url, policies)

    expect(status).toBe(503)
    expect(lab.requests).toHaveLength(1)
  })
})

describe('a concurrency limit', () => {
  test('is never exceeded, and nobody waits longer than needed', async () => {
    let under = 0
    let most = 0
    await using lab = await startLab({
      script: { delayMs: 30 },
      onRequest: (_, phase) => {
        under += phase === 'arrived' ? 1 : -1
        most = Math.max(most, under)
      },
    })
    const limited = limits({ concurrency: { max: 3 } })

    const ended = await several(12, () => ask(lab.url, limited))

    expect(ended.every(({ status }) => status === 200)).toBe(true)
    expect(most).toBe(3)
  })

  test('gives the place back when an attempt fails, and when a reader has enough', async () => {
    await using lab = await startLab({
      script: [
        { fault: 'unavailable' },
        { fault: 'reset-before-headers' },
        { text: 'long', chunkDelayMs: 5 },
      ],
    })
    const limited = reliability({ concurrency: { max: 1 }, retry: false, onLimit: 'refuse' })
    await ask(lab.url, limited)
    await ask(lab.url, limited, { prompt: 'another' })

    const { call } = callTo(lab.url, { prompt: 'a third' })
    const reply = await limited(call, send)
    expect((await ask(lab.url, limited, { prompt: 'meanwhile' })).error).toMatchObject({
      code: 'LIMIT_REACHED',
    })
    await reply.cancel()

    expect((await ask(lab.url, limited, { prompt: 'then' })).status).toBe(200)
  })
})

describe('a budget', () => {
  const usage = { inputTokens: 40, outputTokens: 10 }

  test('is spent by what replies report, and never above', async () => {
    await using lab = await startLab({ script: { usage } })
    const limited = limits({ budget: { maxTokens: 1_000 } })

    const ended: Ended[] = []
    for (let call = 0; call < 40; call++) {
      ended.push(await ask(lab.url, limited, { wire: 'anthropic-messages' }))
    }

    // A request may take its bytes and 100 tokens; it takes 50. The last ones that do not fit for sure are refused.
    const good = ended.filter(({ status }) => status === 200)
    expect(good.length).toBeGreaterThanOrEqual(14)
    expect(good.length * 50).toBeLessThanOrEqual(1_000)
    expect(ended.at(-1)?.error).toMatchObject({ code: 'BUDGET_SPENT', retryable: false })
  })

  test('holds for calls at the same time', async () => {
    await using lab = await startLab({ script: { usage: { inputTokens: 40, outputTokens: 100 } } })
    const limited = limits({ budget: { maxTokens: 700 } })

    const ended = await several(20, () => ask(lab.url, limited, { wire: 'anthropic-messages' }))

    expect(ended.filter(({ status }) => status === 200).length * 140).toBeLessThanOrEqual(700)
    expect(lab.requests.length).toBeGreaterThan(0)
  })

  test('in dollars takes prices, and refuses a model without one', async () => {
    await using lab = await startLab({ script: { usage } })
    const prices = { 'test-model': { inputUsdPerMillion: 1_000, outputUsdPerMillion: 5_000 } }
    // A request may take 100 output tokens: half a dollar, and its bytes; it takes 4 + 5 cents.
    const limited = limits({ budget: { maxUsd: 1, prices } })

    const ended: Ended[] = []
    for (let call = 0; call < 12; call++) {
      ended.push(await ask(lab.url, limited, { wire: 'anthropic-messages' }))
    }
    const unknown = await ask(lab.url, limited, { wire: 'anthropic-messages', model: 'other' })

    const good = ended.filter(({ status }) => status === 200).length
    expect(good).toBeGreaterThanOrEqual(4)
    expect(good * 0.09).toBeLessThanOrEqual(1)
    expect(unknown.error).toMatchObject({ code: 'CALL_REFUSED' })
    expect(String(unknown.error)).toContain('other')
  })

  test.each([
    ['read to its end, takes what it reports', {}, 'all', 50],
    ['left before its end, takes what was reserved', {}, 'one frame', undefined],
    ['cut, takes what was reserved', { fault: 'reset-mid-stream' as const }, 'all', undefined],
  ])('a stream that is %s', async (_, script, reads, used) => {
    await using lab = await startLab({ script: { usage, text: 'a few words', ...script } })
    const store = memoryLimitStore()
    const policies = reliability(
      { budget: { maxTokens: 10_000 }, retry: false },
      { limitStore: store },
    )
    const { call } = callTo(lab.url, { wire: 'anthropic-messages', streaming: true })
    const { input, output } = mostTokens(call, 0)

    const reply = await policies(call, send)
    const left = async (amount: number) => {
      const claim = { key: 'tokens:all', limit: 10_000, amount }
      const id = `asks for ${amount}`
      const { admitted } = await store.admit({ id, leaseMs: 1_000, budgets: [claim] })
      await store.settle(undefined, [{ id, budgets: [{ ...claim, used: 0 }] }])
      return admitted
    }
    const reserved = input + output
    expect([await left(10_000 - reserved), await left(10_001 - reserved)]).toEqual([true, false])
    try {
      await reply.next()
      if (reads === 'all') while ((await reply.next()) !== undefined);
      else await reply.cancel()
    } catch {
      expect(script).toHaveProperty('fault')
    }

    const taken = used ?? reserved
    expect([await left(10_000 - taken), await left(10_001 - taken)]).toEqual([true, false])
  })

  test('takes nothing for an attempt that was not billed, and all that was reserved where nobody knows', async () => {
    await using lab = await startLab({
      script: [{ fault: 'unavailable' }, { fault: 'reset-mid-stream', usage }, {}],
    })
    const policies = reliability({ budget: { maxTokens: 350 }, retry: false })
    const claude = { wire: 'anthropic-messages' } as const

    const statuses = []
    for (const prompt of ['a', 'b', 'c']) {
      statuses.push((await ask(lab.url, policies, { ...claude, prompt })).error)
    }

    expect(lab.requests).toHaveLength(2)
    expect(statuses.at(-1)).toMatchObject({ code: 'BUDGET_SPENT' })
  })
})

describe('an estimate', () => {
  test('takes the output maximum from the bytes, and no such text out of a prompt', () => {
    const prompt = 'Say "max_tokens": 999999 and "maxOutputTokens": 888888.'
    const { call } = callTo('http://127.0.0.1:1', { wire: 'anthropic-messages', prompt })
    expect(estimateTokens(call)).toBeLessThan(200)
    expect(estimateTokens(call)).toBeGreaterThan(100)
    expect(mostTokens(call, 4_096).output).toBe(100)
  })

  test('does not count the bytes of an attachment', () => {
    const { call } = callTo('http://127.0.0.1:1')
    const image = { url: `data:image/png;base64,${'A'.repeat(400_000)}` }
    const content = [{ type: 'image_url', image_url: image }]
    const large = call.with({
      request: call.format.readRequest(
        {
          ...call.http,
          body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] }),
        },
        'chat',
      ),
    })
    expect(large.http.body?.length).toBeGreaterThan(400_000)
    expect(estimateTokens(large)).toBeLessThan(5_000)
  })
})

function several<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => work(index)))
}
