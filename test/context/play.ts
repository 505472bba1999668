import { HoldfastError, httpHeaders, LlmCall } from '@holdfast/core'
import type { CallEvent } from '@holdfast/core'
import { context, TokenCounter } from '@holdfast/policies/context'
import { formats, recogniseCall } from '@holdfast/wire'
import { conversationOf, pinMark } from './conversation.ts'
import type { Conversation, WireName } from './conversation.ts'
import { judge } from './judge.ts'
import { providerOf } from './provider.ts'
import { bodyAfter } from './render.ts'

/** What came of a conversation. */
export interface Played {
  readonly asks: number
  readonly compactions: number
  readonly rescues: number
  /** Nothing that may be left out would have made it fit: refused, or left to the provider to refuse. */
  readonly refusals: number
  readonly pinned: number
  /** What is wrong, in words. */
  readonly wrong: readonly string[]
}

const urls: Readonly<Record<WireName, (model: string) => string>> = {
  'openai-chat': () => 'https://api.openai.com/v1/chat/completions',
  'openai-responses': () => 'https://api.openai.com/v1/responses',
  'anthropic-messages': () => 'https://api.anthropic.com/v1/messages',
  gemini: (model) =>
    `https://generativelanguage.googleapis.com/v1beta/models/${model}:generateContent`,
}

/** Plays a made-up conversation, ask by ask, and judges every request that goes out. */
export async function play(seed: number): Promise<Played> {
  const conversation = conversationOf(seed)
  const { wire, windowTokens, answerTokens, tokensPerCharacter, model } = conversation
  const counter = new TokenCounter()
  const provider = providerOf({
    wire,
    windowTokens,
    answerTokens,
    count: async (call) =>
      model === 'gpt-4o'
        ? (await counter.count(call)).tokens
        : Math.round(String(call.http.body).length * tokensPerCharacter),
  })
  const line = context({
    pin: pinMark,
    keepNewest: 1 + (seed % 6),
    answerTokens,
    // Some models nobody knows: then the provider says when it is too much.
    ...(seed % 5 === 0 ? {} : { windows: { [model]: { windowTokens } } }),
  })
  const events: CallEvent[] = []
  const wrong: string[] = []
  let refusals = 0
  let before: { sent: string; compactions: number } | undefined
  for (const ask of conversation.asks) {
    const body = bodyAfter(conversation, ask)
    const call = callOf(urls[wire](model), body, (event) => events.push(event))
    let status = 0
    try {
      const reply = await line(call, provider.send)
      status = reply.status
      for (let frame = await reply.next(); frame !== undefined; frame = await reply.next());
    } catch (error) {
      if (!HoldfastError.is(error) || error.code !== 'CONTEXT_TOO_LONG') throw error
      status = 413
    }
    const sent = provider.take()
    const compactions = count(events)
    for (const one of sent) {
      const found =
        judge(wire, body, one.body) ??
        unread(wire, urls[wire](model), one.body) ??
        lost(conversation, ask, one.body)
      if (found !== undefined) wrong.push(`seed ${seed}, ${wire}, ask ${ask}: ${found}`)
    }
    const last = sent.at(-1)
    if (status === 200) {
      if (last?.fits !== true) wrong.push(`seed ${seed}: over the window`)
      if (before !== undefined && before.compactions === compactions && last !== undefined) {
        const same = commonStart(before.sent, last.body)
        if (same < before.sent.lastIndexOf('"role"') * 0.5) {
          wrong.push(`seed ${seed}, ${wire}, ask ${ask}: the beginning has changed`)
        }
      }
      if (last !== undefined) before = { sent: last.body, compactions }
    } else {
      refusals++
      const least = leastTokens(conversation, ask)
      if (least < 0.6 * (windowTokens - answerTokens)) {
        wrong.push(
          `seed ${seed}, ${wire}, ask ${ask}: ${status} although ${least} of ${windowTokens} would do`,
        )
      }
      before = undefined
    }
  }
  return {
    asks: conversation.asks.length,
    compactions: count(events),
    rescues: events.filter(
      (event) => event.type === 'context-compacted' && event.reason === 'overflow',
    ).length,
    refusals,
    pinned: conversation.steps.filter((step) => step.by === 'user' && step.pinned).length,
    wrong,
  }
}

function count(events: readonly CallEvent[]): number {
  return events.filter(({ type }) => type === 'context-compacted').length
}

/** The format's own reader takes what was written, and would write the same. */
function unread(wire: WireName, url: string, body: string): string | undefined {
  const format = formats.find(({ name }) => name === wire)
  try {
    const http = {
      method: 'POST',
      url,
      headers: httpHeaders(),
      body,
      signal: undefined,
      layer: 'fetch',
    } as const
    const request = format?.readRequest(http, 'chat')
    return request?.messages.length === 0 ? 'nothing is left' : undefined
  } catch (error) {
    return `cannot be read: ${String(error)}`
  }
}

/** The task and what is pinned, word by word. */
function lost({ steps }: Conversation, ask: number, body: string): string | undefined {
  const said = steps.slice(0, ask).filter((step) => step.by === 'user')
  const missing = said.find(
    (step, at) =>
      (at === 0 || step.pinned) && !body.includes(JSON.stringify(step.text).slice(1, -1)),
  )
  return missing && (missing.pinned ? 'a pinned fact is not there' : 'the task is not there')
}

/** What cannot be left out: system, task, pinned, instructions, what was asked last and the step after it. */
function leastTokens(conversation: Conversation, ask: number): number {
  const { steps, tokensPerCharacter } = conversation
  const input = steps.slice(0, ask).findLastIndex((step) => step.by === 'user')
  const first = steps.findIndex((step) => step.by === 'user')
  const kept = steps
    .slice(0, ask)
    .filter(
      (step, at) =>
        at <= first ||
        at === input ||
        at === ask - 1 ||
        step.by === 'system' ||
        (step.by === 'user' && step.pinned),
    )
  const least = bodyAfter({ ...conversation, steps: kept }, kept.length)
  return Math.round(least.length * tokensPerCharacter)
}

function commonStart(one: string, other: string): number {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  return at
}

/** A call as the line of an application makes it. */
export function callOf(url: string, body: string, emit: (event: CallEvent) => void): LlmCall {
  const http = {
    method: 'POST',
    url,
    headers: httpHeaders({ 'content-type': 'application/json' }),
    body,
    signal: undefined,
    layer: 'fetch',
  } as const
  const found = recogniseCall(http)
  if (found === undefined) throw new Error(`no wire knows ${url}`)
  return new LlmCall({
    id: 'played',
    format: found.format,
    ...found.facts,
    provider: found.provider,
    http,
    run: undefined,
    signal: new AbortController().signal,
    deadlineAt: undefined,
    resend: 0,
    emit,
  })
}
