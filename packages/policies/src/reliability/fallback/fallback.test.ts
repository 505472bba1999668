import { deadPort, startLab } from '@holdfast/lab'
import { describe, expect, test } from 'vitest'
import { ask } from '../../testing/exchange.ts'
import { reliability } from '../reliability.ts'
import { fallback } from './fallback.ts'

const retry = { baseDelayMs: 1, overloadedBaseDelayMs: 1 }

test('targets are asked in their order, and the first that answers is it', async () => {
  await using lab = await startLab({
    script: ({ model }) => (model === 'third' ? { text: 'here I am' } : { fault: 'unavailable' }),
  })
  const policies = reliability({
    retry: { ...retry, maxAttempts: 2 },
    fallback: { to: [{ model: 'second' }, { model: 'third' }, { model: 'fourth' }] },
  })

  const answer = await ask(lab.url, policies, { model: 'first' })

  expect(answer.error).toBeUndefined()
  expect(lab.requests.map(({ model }) => model)).toEqual(['first', 'first', 'second', 'third'])
  const attempts = answer.events.flatMap((event) =>
    event.type === 'attempt-start' ? [event.attempt] : [],
  )
  expect(attempts).toEqual([1, 2, 3, 4])
  expect(answer.events.filter(({ type }) => type === 'fallback-taken')).toMatchObject([
    {
      from: expect.stringContaining('first'),
      to: expect.stringContaining('second'),
      reason: 'server-error',
    },
    { from: expect.stringContaining('second'), to: expect.stringContaining('third') },
  ])
})

test('another address and key take over from a dead provider', async () => {
  await using lab = await startLab({ script: { text: 'alive' } })
  const policies = reliability({
    retry,
    fallback: { to: [{ provider: 'spare', baseUrl: lab.baseUrls.openai, apiKey: 'spare-key' }] },
  })

  const answer = await ask(await deadPort(), policies)

  expect(answer.error).toBeUndefined()
  expect(answer.faults).toEqual(['not-connected', 'not-connected', 'not-connected'])
  expect(answer.events.at(-1)).toMatchObject({ type: 'attempt-end', attempt: 4 })
  expect(lab.requests).toHaveLength(1)
})

test('a key from the environment is read when it is needed; a missing one leaves the target out', async () => {
  await using lab = await startLab({
    script: ({ index }) => (index === 0 ? { fault: 'quota-exhausted' } : {}),
  })
  const policy = fallback({
    to: [{ apiKeyEnv: 'HOLDFAST_TEST_MISSING' }, { apiKeyEnv: 'HOLDFAST_TEST_KEY' }],
  })
  process.env['HOLDFAST_TEST_KEY'] = 'second-account'

  const answer = await ask(lab.url, policy)

  expect(answer.status).toBe(200)
  const [first, second] = lab.requests.map(({ headers }) => headers['authorization'])
  expect(second).not.toBe(first)
  expect(lab.requests).toHaveLength(2)
})

test('the key of the application stays with its host, unless the target says so', async () => {
  await using first = await startLab({ script: { fault: 'quota-exhausted' } })
  await using other = await startLab()
  const { openai: baseUrl } = other.baseUrls

  await ask(first.url, fallback({ to: [{ baseUrl }] }))
  await ask(first.url, fallback({ to: [{ baseUrl, keepKey: true }] }))

  const [without, kept] = other.requests.map(({ headers }) => headers['authorization'])
  expect(without).toBeUndefined()
  expect(kept).toBe(first.requests[0]?.headers['authorization'])
})

test('quota leads on at once, a wrong request never does', async () => {
  await using lab = await startLab({
    script: [{ fault: 'quota-exhausted' }, { text: 'fine' }, { fault: 'invalid-request' }],
  })
  const policies = reliability({ retry, fallback: { to: [{ model: 'other' }], stickyMs: 0 } })

  const quota = await ask(lab.url, policies)
  const wrong = await ask(lab.url, policies, { prompt: 'wrong' })

  expect(quota.status).toBe(200)
  expect(wrong.status).toBe(400)
  expect(lab.requests).toHaveLength(3)
})

test('a filter or a refused key leads on only where that is asked for', async () => {
  await using lab = await startLab({
    script: ({ model }) => (model === 'other' ? {} : { fault: 'invalid-key' }),
  })
  const to = [{ model: 'other' }]

  const asIs = await ask(lab.url, fallback({ to }))
  const asked = await ask(lab.url, fallback({ to, on: ['unauthorized'] }))

  expect(asIs.status).toBe(401)
  expect(asked.status).toBe(200)
})

test('where nobody answers, the first answer of a provider is handed up', async () => {
  await using lab = await startLab({
    script: ({ model }) => ({ fault: model === 'other' ? 'invalid-key' : 'unavailable' }),
  })
  const policies = reliability({ retry, fallback: { to: [{ model: 'other' }] } })

  const answer = await ask(lab.url, policies)

  expect(answer.status).toBe(503)
  expect(JSON.parse(answer.text)).toHaveProperty('error')
  expect(lab.requests).toHaveLength(4)
})

test('each target adds one request to what the call may send', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })
  const policies = reliability({
    retry,
    fallback: { to: [{ model: 'second' }, { model: 'third' }] },
  })

  await ask(lab.url, policies)

  expect(lab.requests.map(({ model }) => model)).toEqual([
    'test-model',
    'test-model',
    'test-model',
    'second',
    'third',
  ])
})

test('a wait that is too long leads on instead', async () => {
  await using lab = await startLab({ script: [{ fault: 'rate-limited-long' }, { text: 'fine' }] })
  const policies = reliability({ retry, fallback: { to: [{ model: 'other' }] } })

  const answer = await ask(lab.url, policies)

  expect(answer.status).toBe(200)
  expect(answer.tookMs).toBeLessThan(1_000)
})

test('an open circuit leads on without a request', async () => {
  await using lab = await startLab({
    script: ({ model }) => (model === 'other' ? {} : { fault: 'unavailable' }),
  })
  const policies = reliability({
    retry,
    circuitBreaker: { failures: 1 },
    fallback: { to: [{ model: 'other' }] },
  })
  await ask(lab.url, policies)

  const answer = await ask(lab.url, policies, { prompt: 'again' })

  expect(answer.status).toBe(200)
  expect(lab.requests.map(({ model }) => model)).toEqual(['test-model', 'other', 'other'])
})

test('canFallBack has the last word on a target', async () => {
  await using lab = await startLab({
    script: ({ model }) => (model === 'test-model' ? { fault: 'unavailable' } : {}),
  })
  const seen: unknown[] = []
  const policy = fallback({
    to: [{ model: 'second' }, { model: 'third' }],
    canFallBack(call, target, fault) {
      seen.push([call.model, target.model, fault.name])
      return target.model === 'third'
    },
  })

  const answer = await ask(lab.url, policy)

  expect(answer.status).toBe(200)
  expect(lab.requests.map(({ model }) => model)).toEqual(['test-model', 'third'])
  expect(seen).toEqual([
    ['test-model', 'second', 'server-error'],
    ['test-model', 'third', 'server-error'],
  ])
})

test('nobody takes over after the first content, or from a caller who left', async () => {
  await using lab = await startLab({
    script: ({ index }) => ({ fault: index === 0 ? 'reset-mid-stream' : 'header-stall' }),
  })
  const policies = reliability({ retry, fallback: { to: [{ model: 'other' }] } })

  const cut = await ask(lab.url, policies)
  const left = await ask(lab.url, policies, { signal: AbortSignal.timeout(100), prompt: 'left' })

  expect(cut.error).toBeInstanceOf(TypeError)
  expect(left.error).toMatchObject({ name: 'TimeoutError' })
  expect(lab.requests).toHaveLength(2)
})

describe('chains by reason', () => {
  const chains = {
    rateLimit: [{ model: 'for-rate' }],
    outage: [{ model: 'for-outage' }],
    contextLength: [{ model: 'for-length' }],
    contentFilter: [{ model: 'for-filter' }],
    deadModel: [{ model: 'for-dead' }],
    quota: [{ model: 'for-quota' }],
    unauthorized: [{ model: 'for-key' }],
  }

  test.for([
    ['rate-limited-long', 'for-rate'],
    ['unavailable', 'for-outage'],
    ['html-200', 'for-outage'],
    ['header-stall', 'for-outage'],
    ['context-length', 'for-length'],
    ['payload-too-large', 'for-length'],
    ['content-filter', 'for-filter'],
    ['model-not-found', 'for-dead'],
    ['quota-exhausted', 'for-quota'],
    ['billing', 'for-quota'],
    ['invalid-key', 'for-key'],
  ] as const)('%s goes to its own: %s', async ([fault, model]) => {
    await using lab = await startLab({
      script: (request) => (request.model === 'test-model' ? { fault } : {}),
    })
    const policies = reliability({
      retry: { ...retry, maxAttempts: 1 },
      fallback: { chains, to: [{ model: 'general' }] },
      timeout: { headersMs: 1_000 },
    })

    const answer = await ask(lab.url, policies)

    expect(answer.status).toBe(200)
    expect(lab.requests.map((request) => request.model)).toEqual(['test-model', model])
  })

  test.for([
    ['filtered-finish', 'openai-chat', false],
    ['recitation', 'gemini', false],
    ['prompt-blocked', 'gemini', true],
    ['refusal', 'openai-chat', true],
    ['refusal', 'openai-chat', false],
    ['refusal', 'anthropic-messages', false],
  ] as const)('%s on %s (streamed: %s) goes on only where a chain asks for that', async (row) => {
    const [fault, wire, streaming] = row
    await using lab = await startLab({
      script: ({ model }) => (model === 'for-filter' ? {} : { fault }),
    })
    const { contentFilter } = chains
    const asked = { wire, streaming }

    const left = await ask(lab.url, reliability({ fallback: { to: contentFilter } }), asked)
    const led = await ask(lab.url, reliability({ fallback: { chains: { contentFilter } } }), asked)

    expect(left.faults).toEqual([])
    expect(left.status).toBe(200)
    expect(led.faults).toEqual(['filtered'])
    expect(lab.requests.map(({ model }) => model)).toEqual([
      'test-model',
      'test-model',
      'for-filter',
    ])
  })

  test('a refusal that nobody answers better is handed up to its end', async () => {
    await using lab = await startLab({ script: { fault: 'refusal' } })
    const contentFilter = [{ model: 'for-filter' }]

    const bare = await ask(lab.url, (call, next) => next(call))
    lab.reset()
    const held = await ask(lab.url, reliability({ fallback: { chains: { contentFilter } } }))

    expect(held.error).toBeUndefined()
    expect(bare.text.startsWith(held.text)).toBe(true)
    expect(held.text).toContain('"finish_reason":"stop"')
    expect(lab.requests).toHaveLength(2)
  })

  test('without a target that answers, a filtered answer is handed up as it came', async () => {
    await using lab = await startLab({ script: { fault: 'filtered-finish' } })
    const policies = reliability({
      retry,
      fallback: { chains: { contentFilter: [{ model: 'x' }] } },
    })

    const answer = await ask(lab.url, policies, { streaming: false })

    expect(answer.error).toBeUndefined()
    expect(answer.status).toBe(200)
    expect(answer.reply?.complete()).toBe(true)
    expect(lab.requests).toHaveLength(2)
  })

  test('a reason without a chain goes to the general list, an empty chain goes nowhere', async () => {
    await using lab = await startLab({
      script: ({ model }) => (model === 'general' ? {} : { fault: 'unavailable' }),
    })
    const to = [{ model: 'general' }]
    const once = { ...retry, maxAttempts: 1 }

    const led = await ask(
      lab.url,
      reliability({ retry: once, fallback: { to, chains: { rateLimit: [{ model: 'r' }] } } }),
    )
    const left = await ask(
      lab.url,
      reliability({ retry: once, fallback: { to, chains: { outage: [] } } }),
    )

    expect(led.status).toBe(200)
    expect(left.status).toBe(503)
  })

  test('each failure looks for its own chain, and nobody is asked twice', async () => {
    const faults = {
      'test-model': 'unavailable',
      spare: 'quota-exhausted',
      account: 'unavailable',
    } as const
    await using lab = await startLab({
      script: ({ model }) =>
        model in faults ? { fault: faults[model as keyof typeof faults] } : {},
    })
    const policies = reliability({
      retry: { ...retry, maxAttempts: 1 },
      fallback: {
        chains: {
          outage: [{ model: 'spare' }, { model: 'last' }],
          quota: [{ model: 'spare' }, { model: 'account' }],
        },
      },
    })

    const answer = await ask(lab.url, policies)

    expect(answer.status).toBe(200)
    expect(lab.requests.map(({ model }) => model)).toEqual([
      'test-model',
      'spare',
      'account',
      'last',
    ])
  })
})

describe('stickiness', () => {
  const once = { ...retry, maxAttempts: 1 }
  const off = { resendGuard: false, circuitBreaker: false } as const

  test('who took over is asked first for a while, then one call tries the first choice', async () => {
    let ill = true
    await using lab = await startLab({
      script: ({ model }) =>
        model === 'test-model' && ill ? { fault: 'unavailable', delayMs: 100 } : {},
    })
    const to = [{ model: 'second' }]
    const policies = reliability({ ...off, retry: once, fallback: { to, stickyMs: 300 } })
    const models = async (calls: number): Promise<string[]> => {
      lab.reset()
      await Promise.all(Array.from({ length: calls }, () => ask(lab.url, policies)))
      return lab.requests.map(({ model }) => model).toSorted()
    }

    expect(await models(1)).toEqual(['second', 'test-model'])
    expect(await models(3)).toEqual(['second', 'second', 'second'])
    await pause(310)
    expect(await models(4)).toEqual(['second', 'second', 'second', 'second', 'test-model'])
    expect(await models(2)).toEqual(['second', 'second'])
    ill = false
    await pause(310)
    expect(await models(1)).toEqual(['test-model'])
    expect(await models(2)).toEqual(['test-model', 'test-model'])
  })

  test('tells when somebody stands in, and when the first choice is back', async () => {
    await using lab = await startLab({
      script: ({ index }) => (index === 0 ? { fault: 'unavailable' } : {}),
    })
    const to = [{ model: 'second' }]
    const policies = reliability({ ...off, retry: once, fallback: { to, stickyMs: 100 } })
    const told = async (): Promise<string[]> =>
      (await ask(lab.url, policies)).events.flatMap((event) =>
        event.type === 'fallback-taken'
          ? [event.reason]
          : event.type === 'fallback-ended'
            ? [event.type]
            : [],
      )

    expect(await told()).toEqual(['server-error'])
    expect(await told()).toEqual(['sticky'])
    await pause(110)
    expect(await told()).toEqual(['fallback-ended'])
    expect(await told()).toEqual([])
  })

  test('a stand-in that fails leads back to the first choice, whatever it failed of', async () => {
    await using lab = await startLab({
      script: ({ index }) =>
        index === 0 ? { fault: 'unavailable' } : index === 2 ? { fault: 'context-length' } : {},
    })
    const policies = reliability({ ...off, retry: once, fallback: { to: [{ model: 'second' }] } })
    await ask(lab.url, policies)

    const answer = await ask(lab.url, policies)

    expect(answer.status).toBe(200)
    expect(lab.requests.map(({ model }) => model)).toEqual([
      'test-model',
      'second',
      'second',
      'test-model',
    ])
  })

  test('a request that was too long or filtered makes nobody stay away', async () => {
    await using lab = await startLab({ script: [{ fault: 'context-length' }, {}, {}] })
    const chains = { contextLength: [{ model: 'long' }] }
    const policies = reliability({ ...off, retry: once, fallback: { chains } })

    await ask(lab.url, policies)
    await ask(lab.url, policies)

    expect(lab.requests.map(({ model }) => model)).toEqual(['test-model', 'long', 'test-model'])
  })

  test('another account is not led away', async () => {
    await using lab = await startLab({ script: [{ fault: 'quota-exhausted' }, {}, {}, {}] })
    const policies = reliability({ ...off, retry: once, fallback: { to: [{ model: 'second' }] } })

    await ask(lab.url, policies)
    await ask(lab.url, policies, { apiKey: 'another' })
    await ask(lab.url, policies)

    expect(lab.requests.slice(2).map(({ model }) => model)).toEqual(['test-model', 'second'])
  })

  test('a probe that its caller aborts leaves the next call to try', async () => {
    await using lab = await startLab({
      script: ({ index }) => ({ fault: index === 0 ? 'unavailable' : 'header-stall' }),
    })
    const policies = reliability({
      ...off,
      retry: once,
      fallback: { to: [{ model: 'second' }], stickyMs: 50 },
      timeout: { headersMs: 100 },
    })
    lab.reset(({ index }) =>
      index === 0 ? { fault: 'unavailable' } : index === 2 ? { fault: 'header-stall' } : {},
    )
    await ask(lab.url, policies)
    await pause(60)

    await ask(lab.url, policies, { signal: AbortSignal.timeout(40) })
    await ask(lab.url, policies)

    expect(lab.requests.slice(2).map(({ model }) => model)).toEqual(['test-model', 'test-model'])
  })

  test('canFallBack is asked of a stand-in too', async () => {
    await using lab = await startLab({ script: [{ fault: 'unavailable' }, {}, {}] })
    const policies = reliability({
      ...off,
      retry: once,
      fallback: {
        to: [{ model: 'second' }],
        canFallBack: ({ run }) => run?.id !== 'at-home',
      },
    })
    await ask(lab.url, policies)

    await ask(lab.url, policies, { run: { id: 'at-home' } })

    expect(lab.requests.at(-1)?.model).toBe('test-model')
  })
})

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
