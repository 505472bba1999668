import { inProcessMemoryStore } from '@holdfast/core/memory'
import { offeredTools, startLab, turns } from '@holdfast/lab'
import type { Lab, LabRequest, Step, StepToolCall } from '@holdfast/lab'
import { capReachedOf, instrument } from 'holdfast'
import type { Holdfast, HoldfastOptions } from 'holdfast'
import { afterEach, describe, expect, test } from 'vitest'
import { user, ways } from './sdks.ts'

let lab: Lab
let holdfast: Holdfast
afterEach(async () => {
  await holdfast.uninstrument()
  await lab.close()
})

const results = (request: LabRequest): readonly string[] =>
  turns(request).flatMap((turn) => (turn.from === 'tool' ? [withoutForm(turn.text)] : []))

/** Google wants results as objects. */
const withoutForm = (text: string): string => text.replace(/^\{"result":"(.*)"\}$/s, '$1')

/** A model that calls tools first, and then says what it was told. */
function calling(toolCalls: readonly StepToolCall[], text?: string): (request: LabRequest) => Step {
  return (request) => {
    const told = results(request)
    const isOffered = toolCalls.every(({ name }) => offeredTools(request).includes(name))
    if (told.length > 0 || !isOffered) return { text: `I was told: ${told.join(' ')}` }
    return { toolCalls, ...(text === undefined ? {} : { text }) }
  }
}

async function start(
  script: (request: LabRequest) => Step,
  options: Partial<HoldfastOptions> = {},
): Promise<void> {
  lab = await startLab({ script })
  holdfast = instrument({
    telemetry: false,
    ...options,
    memory: { store: inProcessMemoryStore(), tools: true, inject: false, learn: false },
  })
}

const search = { name: 'memory_search', arguments: { query: 'which seat' } }
const save = { name: 'memory_save', arguments: { text: 'The user has a dog called Rex' } }

describe.each(ways)('$name, streamed: $streaming', ({ ask, streaming }) => {
  const question = (of: { user?: string }) =>
    holdfast.run({ session: 's', ...of }, () => ask(lab, [user('Hello')], streaming))

  test('a search is answered, and the application sees the answer alone', async () => {
    await start(calling([search]), { tools: 'strict' })
    await holdfast.memory.remember({ user: 'ada', text: 'I want a seat at the aisle' })

    expect(await question({ user: 'ada' })).toMatch(/^I was told: .*I want a seat at the aisle/s)
    expect(await question({ user: 'bob' })).toBe('I was told: Nothing is known of that.')
    expect(await question({})).toBe('I was told: ')
    expect(lab.requests).toHaveLength(5)
  })

  test('what has been said before a search stays, and the answer follows it', async () => {
    await start(calling([search], 'Let me look.'))
    const answer = await question({ user: 'ada' })

    expect(answer).toBe(
      `${streaming ? 'Let me look.\n\n' : ''}I was told: Nothing is known of that.`,
    )
  })

  test('what is saved is kept for that user', async () => {
    await start(
      calling([
        save,
        {
          ...save,
          arguments: { text: 'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzEXAMPLEK' },
        },
      ]),
      { tools: 'strict' },
    )

    expect(await question({ user: 'ada' })).toBe('I was told: Kept. Not kept: secret.')
    const { memories } = await holdfast.memory.export({ user: 'ada' })
    expect(memories).toMatchObject([
      { text: 'The user has a dog called Rex', source: { by: 'agent', session: 's' } },
    ])
  })

  test('a model that searches for ever has to answer at last', async () => {
    await start((request) =>
      offeredTools(request).length > 0 ? { toolCalls: [search] } : { text: 'I give up.' },
    )
    expect(await question({ user: 'ada' })).toBe('I give up.')
    expect(lab.requests).toHaveLength(5)
  })
})

// A stream of Chat Completions says what it took where it is asked to; these applications do not ask.
const telling = ways.filter(({ name, streaming }) => name !== 'openai chat' && streaming)

test.each(telling)(
  'what the requests behind an answer took is in the account of its run, and its caps: $name',
  async ({ ask, streaming }) => {
    const taken: unknown[] = []
    const usage = { inputTokens: 9_000, outputTokens: 50 }
    const script = calling([search])
    await start((request) => ({ ...script(request), usage }), {
      telemetry: { warn() {} },
      runLog: ({ tokens }) => taken.push(tokens),
      governance: { caps: { maxTokens: 18_110, softAt: false }, assumedOutputTokens: 50 },
    })
    const question = () => ask(lab, [user('Hello')], streaming)
    await holdfast.run({ id: 'r', user: 'ada', session: 's' }, async () => {
      await question()
      const error: unknown = await question().catch((thrown: unknown) => thrown)
      expect(capReachedOf(error)).toMatchObject({
        spent: 18_100,
        partial: { calls: 2, inputTokens: 18_000, outputTokens: 100 },
      })
    })
    expect(lab.requests).toHaveLength(2)
    await holdfast.uninstrument()
    expect(taken).toMatchObject([{ input: 18_000, output: 100 }])
  },
)
