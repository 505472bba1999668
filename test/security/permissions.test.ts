import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { HoldfastError, instrument } from 'holdfast'
import type { Holdfast, HoldfastOptions } from 'holdfast'
import OpenAI from 'openai'
import { afterEach, beforeEach, expect, test } from 'vitest'

let lab: Lab
let holdfast: Holdfast | undefined
beforeEach(async () => {
  lab = await startLab()
})
afterEach(async () => {
  await holdfast?.uninstrument()
  holdfast = undefined
  await lab.close()
})

const security = {
  redaction: false,
  injection: false,
  permissions: {
    environment: 'production',
    keys: { development: ['sk-dev-'] },
    rules: [{ name: 'cheap', models: { deny: ['big-*'] }, hosts: { deny: ['localhost'] } }],
  },
} as const

async function asked(options: HoldfastOptions): Promise<{
  readonly answer: unknown
  readonly models: readonly unknown[]
  readonly denied: readonly string[]
}> {
  holdfast = instrument({ telemetry: false, security, ...options })
  const denied: string[] = []
  holdfast.on((event) => {
    if (event.type !== 'decision-made' || event.decision.verdict !== 'deny') return
    denied.push(event.decision.subject.name)
  })
  const client = new OpenAI({ apiKey: 'sk-live-1', baseURL: lab.baseUrls.openai, maxRetries: 0 })
  const answer = await holdfast
    .run({ agent: 'clerk' }, () =>
      client.chat.completions.create({
        model: 'small',
        messages: [{ role: 'user', content: 'hello' }],
      }),
    )
    .then(({ choices }) => choices[0]?.message.content)
    .catch((error: unknown) => (HoldfastError.is(error) ? error : (error as Error).cause))
  const models = lab.requests.map(({ body }) => (body as { model?: unknown }).model)
  return { answer, models, denied }
}

test('a fallback goes to nothing that is denied: no model, no host, no key of another environment', async () => {
  lab.reset([{ fault: 'overloaded' }, { text: 'from the last one' }])
  const elsewhere = lab.baseUrls.openai.replace('127.0.0.1', 'localhost')
  const { answer, models, denied } = await asked({
    reliability: {
      retry: false,
      fallback: {
        to: [
          { model: 'big-1' },
          { model: 'small-1', baseUrl: elsewhere },
          { model: 'small-2', apiKey: 'sk-dev-1' },
          { model: 'small-3' },
        ],
      },
    },
  })
  expect(answer).toBe('from the last one')
  expect(models).toEqual(['small', 'small-3'])
  expect(denied).toHaveLength(3)
})

test('nor does a cap or a validation go on with a model that is denied', async () => {
  const goingOn: NonNullable<HoldfastOptions['governance']>[] = [
    { validation: { validate: () => 'wrong', maxRetries: 0, fallbackTo: 'big-1' } },
    { caps: { maxIterations: 10, softAt: false, degradeAt: 0.05, degradeTo: 'big-1' } },
  ]
  for (const governance of goingOn) {
    lab.reset({ text: 'hello' })
    const { answer, models } = await asked({ governance })
    expect(answer).toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(models).not.toContain('big-1')
    await holdfast?.uninstrument()
  }
})
