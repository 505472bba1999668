import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import { tool as langchainTool } from '@langchain/core/tools'
import { createReactAgent } from '@langchain/langgraph/prebuilt'
import { ChatOpenAI } from '@langchain/openai'
import { conversation, startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { capReachedOf, instrument, run } from 'holdfast'
import type { CallEvent, HoldfastOptions } from 'holdfast'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab.close())
beforeEach(() => lab.reset({ text: 'all is well', usage: { inputTokens: 30, outputTokens: 5 } }))

/** Two SDKs, whole and streamed: what an application does, and the text that it gets. */
const clients: Record<string, (streamed: boolean) => Promise<string>> = {
  async openai(streamed) {
    const openai = new OpenAI({ apiKey: 'none', baseURL: lab.baseUrls.openai })
    const asked = {
      model: 'test-model',
      max_tokens: 50,
      messages: [{ role: 'user' as const, content: 'hello' }],
    }
    if (!streamed) {
      const answer = await openai.chat.completions.create(asked)
      return answer.choices[0]?.message.content ?? ''
    }
    let text = ''
    const options = { include_usage: true }
    const stream = await openai.chat.completions.create({
      ...asked,
      stream: true,
      stream_options: options,
    })
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
    return text
  },
  async anthropic(streamed) {
    const anthropic = new Anthropic({ apiKey: 'none', baseURL: lab.baseUrls.anthropic })
    const asked = {
      model: 'test-model',
      max_tokens: 50,
      messages: [{ role: 'user' as const, content: 'hello' }],
    }
    const answer = streamed
      ? await anthropic.messages.stream(asked).finalMessage()
      : await anthropic.messages.create(asked)
    return answer.content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  },
}
const ways = Object.keys(clients).flatMap((client) => [
  { client, streamed: false },
  { client, streamed: true },
])

async function governed<T>(
  options: HoldfastOptions,
  work: (events: CallEvent[]) => Promise<T>,
): Promise<T> {
  const holdfast = instrument({ telemetry: false, ...options })
  const events: CallEvent[] = []
  holdfast.on((event) => events.push(event))
  try {
    return await work(events)
  } finally {
    await holdfast.uninstrument()
  }
}

describe.each(ways)('a cap under $client, streamed $streamed', ({ client, streamed }) => {
  const call = () => clients[client]?.(streamed) ?? Promise.reject(new Error('no client'))

  test('ends the run as an error that the application can read', async () => {
    await governed({ governance: { caps: { maxTokens: 400 } } }, async (events) => {
      await run({ id: randomUUID() }, async () => {
        let calls = 0
        let thrown: unknown
        for (; calls < 50 && thrown === undefined; calls++) {
          thrown = await call().then(
            () => undefined,
            (error: unknown) => error,
          )
        }
        const error = capReachedOf(thrown)
        expect(error).toMatchObject({ code: 'CAP_REACHED', cap: 'maxTokens', limit: 400 })
        expect(error?.partial).toMatchObject({ text: 'all is well', outputTokens: 5 * (calls - 1) })
        expect(lab.requests).toHaveLength(calls - 1)
        expect(lab.requests.length * 35).toBeLessThanOrEqual(400)
        expect(lab.requests.length).toBeGreaterThan(3)
      })
      const rules = events.flatMap((event) =>
        event.type === 'decision-made' ? [event.decision.rule] : [],
      )
      expect(rules).toContain('caps.maxTokens.soft')
      expect(rules).toContain('caps.maxTokens')
      expect(JSON.stringify(events)).not.toContain('all is well')
    })
  })
})

test('a sub-agent of LangGraph spends the caps of the agent that called it', async () => {
  const { researcher } = agents()
  lab.reset((request) => {
    const asked = JSON.stringify(request.body)
    return asked.includes('the inner task') && !asked.includes('the outer task')
      ? conversation({ calls: [{ name: 'look', arguments: { at: 'it' } }], answer: 'seen' })(
          request,
        )
      : conversation({ calls: [{ name: 'research', arguments: {} }], answer: 'done' })(request)
  })

  await governed({ governance: { caps: { maxCalls: 3, softAt: false } } }, async () => {
    await run({ id: 'enough' }, async () => {
      const thrown = await researcher
        .invoke({ messages: [{ role: 'user', content: 'the outer task' }] })
        .then(
          () => undefined,
          (error: unknown) => error,
        )
      // Outer, two of the inner one; the outer one's second is one too many.
      expect(capReachedOf(thrown)).toMatchObject({ cap: 'maxCalls', runId: 'enough' })
      expect(lab.requests).toHaveLength(3)
    })
  })

  function agents() {
    const model = () =>
      new ChatOpenAI({
        model: 'test-model',
        apiKey: 'none',
        maxRetries: 0,
        configuration: { baseURL: lab.baseUrls.openai },
      })
    const look = langchainTool(async () => 'a fjord', {
      name: 'look',
      description: 'Looks',
      schema: z.object({ at: z.string() }),
    })
    const inner = createReactAgent({ llm: model(), tools: [look], name: 'inner' })
    const research = langchainTool(
      async () => {
        const { messages } = await run({ agent: 'inner' }, () =>
          inner.invoke({ messages: [{ role: 'user', content: 'the inner task' }] }),
        )
        return messages.at(-1)?.text ?? ''
      },
      { name: 'research', description: 'Researches', schema: z.object({}) },
    )
    return { researcher: createReactAgent({ llm: model(), tools: [research], name: 'outer' }) }
  }
})

describe('a run that is gone on with', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-caps-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** Works for so many calls, and is cut off then. */
  function until(calls: number, id: string, options: HoldfastOptions): Promise<unknown> {
    const work = async () => {
      const openai = new OpenAI({ apiKey: 'none', baseURL: lab.baseUrls.openai, maxRetries: 0 })
      const messages: OpenAI.ChatCompletionMessageParam[] = []
      for (let call = 0; call < calls; call++) {
        messages.push({ role: 'user', content: `step ${call}` })
        const answer = await openai.chat.completions.create({ model: 'test-model', messages })
        messages.push({ role: 'assistant', content: answer.choices[0]?.message.content ?? '' })
      }
      throw new Error('cut off')
    }
    const journal = { store: join(folder, 'journal.db') }
    return governed({ journal, ...options }, () =>
      run({ id }, work).catch((error: unknown) => error),
    )
  }

  test('does not spend again what the journal answers, and goes on to its cap', async () => {
    const id = randomUUID()
    const options: HoldfastOptions = {
      store: `sqlite:${join(folder, 'limits.db')}`,
      governance: { caps: { maxCalls: 4, softAt: false } },
    }

    expect(await until(3, id, options)).toMatchObject({ message: 'cut off' })
    const second = await until(5, id, options)

    expect(lab.requests).toHaveLength(4)
    expect(capReachedOf(second)).toMatchObject({ cap: 'maxCalls', spent: 4, runId: id })
  })

  test('counts what the journal answers where nobody else remembers, and is told once more to end', async () => {
    const id = randomUUID()
    const options: HoldfastOptions = { governance: { caps: { maxCalls: 6, softAt: 0.5 } } }
    const notes = () => lab.requests.map(({ body }) => JSON.stringify(body).includes('notice'))

    expect(await until(5, id, options)).toMatchObject({ message: 'cut off' })
    const first = notes()
    const second = await until(7, id, options)

    expect(first).toEqual([false, false, false, true, true])
    // The notes are none of the conversation: each of its calls is found again.
    expect(notes()).toEqual([...first, true])
    expect(capReachedOf(second)).toMatchObject({ cap: 'maxCalls', spent: 6, runId: id })
  })
})

test('wrong options name what is wrong', () => {
  const start = () => instrument({ governance: { caps: { per: 'user', maxIterations: 3 } } })
  expect(start).toThrow(/\[OPTIONS_INVALID\].*governance\.caps/)
})

test('a cap that asks is raised by whoever approves, to what was shown', async () => {
  const holdfast = instrument({
    telemetry: false,
    approvals: { channels: [] },
    governance: { caps: { maxCalls: 2, softAt: false, ask: true } },
  })
  const shown: string[] = []
  let allowed = true
  holdfast.approvals.onRequest(({ record, approve, deny }) => {
    shown.push(record.argumentsText)
    return allowed ? approve() : deny('that is enough')
  })
  await run({ id: randomUUID() }, async () => {
    for (let call = 0; call < 3; call++) await clients['openai']?.(false)
    allowed = false
    const error: unknown = await clients['openai']?.(true).catch((thrown: unknown) => thrown)
    expect(capReachedOf(error)?.message).toContain('that is enough')
  })
  expect(shown).toEqual([
    '{"cap":"maxCalls","limit":2,"per":"run","raiseTo":3}',
    '{"cap":"maxCalls","limit":2,"per":"run","raiseTo":4}',
  ])
  expect(lab.requests).toHaveLength(3)
  await holdfast.uninstrument()
})
