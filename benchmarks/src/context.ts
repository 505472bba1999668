import { httpHeaders, LlmCall } from '@holdfast/core'
import { TokenCounter } from '@holdfast/policies/context'
import { recogniseCall } from '@holdfast/wire'
import { bootstrapMedian, median } from './statistics.ts'
import type { Estimate } from './statistics.ts'

/** What counting a conversation costs. */
export interface ContextFigures {
  /** The first turn: instructions, tools, the first message. */
  readonly firstUs: number
  /** The turn after 200 turns. */
  readonly nextUs: number
  /** The second against the first, in the same conversation. */
  readonly ratio: Estimate
}

const turns = 200

/** Counts conversations of 200 turns, each its own, and compares each one's next turn with its first. */
export async function measureContext(
  model: string,
  { rounds }: { readonly rounds: number },
): Promise<ContextFigures> {
  const counter = new TokenCounter()
  const first: number[] = []
  const next: number[] = []
  const timed = async (call: LlmCall): Promise<number> => {
    const startedAt = performance.now()
    await counter.count(call)
    return (performance.now() - startedAt) * 1_000
  }
  for (let round = -5; round < rounds; round++) {
    const messages: object[] = [
      { role: 'system', content: `Conversation ${round}. ${text(3_000)}` },
      { role: 'user', content: text(1_000) },
    ]
    const firstUs = await timed(callOf(model, messages))
    for (let turn = 0; turn < turns; turn++) {
      messages.push({ role: 'assistant', content: `${turn} ${text(500)}` })
      messages.push({ role: 'user', content: `${turn} ${text(500)}` })
      if (turn >= turns - 2) await counter.count(callOf(model, messages))
    }
    messages.push({ role: 'assistant', content: text(500) }, { role: 'user', content: text(500) })
    const nextUs = await timed(callOf(model, messages))
    if (round < 0) continue
    first.push(firstUs)
    next.push(nextUs)
  }
  return {
    firstUs: median(first),
    nextUs: median(next),
    ratio: bootstrapMedian(next.map((us, at) => us / (first[at] ?? us))),
  }
}

const words = 'The agent reads a file, finds the error in line 42 and writes a test for it. '

function text(length: number): string {
  return words.repeat(Math.ceil(length / words.length)).slice(0, length)
}

function callOf(model: string, messages: readonly object[]): LlmCall {
  const http = {
    method: 'POST',
    url: 'https://api.openai.com/v1/chat/completions',
    headers: httpHeaders(),
    body: JSON.stringify({
      model,
      messages,
      tools: [
        {
          type: 'function',
          function: {
            name: 'read_file',
            description: 'Reads a file of the project.',
            parameters: { type: 'object', properties: { path: { type: 'string' } } },
          },
        },
      ],
    }),
    signal: undefined,
    layer: 'fetch',
  } as const
  const found = recogniseCall(http)
  if (found === undefined) throw new Error('no wire knows it')
  return new LlmCall({
    id: 'counted',
    format: found.format,
    ...found.facts,
    provider: found.provider,
    http,
    run: undefined,
    signal: new AbortController().signal,
    deadlineAt: undefined,
    resend: 0,
    emit() {},
  })
}
