import type { CallEvent } from '@holdfast/core'
import { context } from '@holdfast/policies/context'
import { isOwn } from './accuracy.ts'
import type { Recorded } from './accuracy.ts'
import type { WireName } from './conversation.ts'
import { judge } from './judge.ts'
import { callOf } from './play.ts'
import { providerOf } from './provider.ts'

/** What came of a recorded request for which the window was made too small. */
export interface Replayed {
  readonly outcome: 'made-shorter' | 'left-alone'
  readonly wrong: string | undefined
}

/** Sends a recorded conversation to a model that takes three quarters of it: it has to go out shorter and right, or untouched. */
export async function replay({ file, call, usage }: Recorded): Promise<Replayed> {
  const wire = call.format.name as WireName
  const body = String(call.http.body)
  const events: CallEvent[] = []
  const provider = providerOf({
    wire,
    windowTokens: Math.floor(usage.inputTokens * 0.75) + 1,
    answerTokens: 1,
    count: async (sent) =>
      Math.round((usage.inputTokens * String(sent.http.body).length) / body.length),
  })
  const asked = callOf(call.http.url, body, (event) => events.push(event))
  const reply = await context({ keepNewest: 1, answerTokens: 1 })(asked, provider.send)
  const sent = provider.take()
  if (events.length === 0) {
    const isSame = sent.every((one) => one.body === body)
    return { outcome: 'left-alone', wrong: isSame ? undefined : `${file}: changed without a word` }
  }
  const last = sent.at(-1)?.body ?? ''
  const found = judge(wire, body, last) ?? (reply.status === 200 ? undefined : 'over the window')
  return { outcome: 'made-shorter', wrong: found && `${file}: ${found}` }
}

/** True for recordings that hold more than a question, and nothing that only their provider can count. */
export function isConversation({ call }: Recorded): boolean {
  const { http, format, request } = call
  const body = String(http.body)
  return (
    request.messages.length >= 3 &&
    isOwn(call) &&
    judge(format.name as WireName, body, body) === undefined
  )
}

/** OpenAI counts nothing of what stands before what it has compacted: joined to others it would hide them. */
function isCompacted({ call }: Recorded): boolean {
  return /"type":\s?"compaction"/.test(String(call.http.body))
}

/** Recorded conversations of a wire as one long conversation: real shapes, and something that can be left out. */
export function joined(calls: readonly Recorded[], each = 5): Recorded[] {
  const whole = calls.filter((one) => isConversation(one) && !isCompacted(one))
  const byWire = Map.groupBy(whole, ({ call }) => call.format.name)
  return [...byWire].flatMap(([wire, all]) => {
    const groups: Recorded[] = []
    for (let at = 0; at + each <= all.length; at += each) {
      const one = joinOf(wire as WireName, all.slice(at, at + each))
      if (one !== undefined) groups.push(one)
    }
    return groups
  })
}

type Json = Record<string, unknown>

const between: Readonly<Record<WireName, Json>> = {
  'openai-chat': { role: 'assistant', content: 'Done.' },
  'openai-responses': {
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_text', text: 'Done.', annotations: [] }],
  },
  'anthropic-messages': { role: 'assistant', content: 'Done.' },
  gemini: { role: 'model', parts: [{ text: 'Done.' }] },
}

function joinOf(wire: WireName, group: readonly Recorded[]): Recorded | undefined {
  const list = wire === 'gemini' ? 'contents' : wire === 'openai-responses' ? 'input' : 'messages'
  const [first] = group
  if (first === undefined) return undefined
  const bodies = group.map(({ call }) => JSON.parse(String(call.http.body)) as Json)
  const elements = bodies.flatMap((body, at) => [
    ...(at === 0 ? [] : [between[wire]]),
    ...(body[list] as Json[]).filter(({ role }) => at === 0 || role !== 'system'),
  ])
  const ids = [
    ...JSON.stringify(elements).matchAll(/"(?:call_id|tool_use_id|tool_call_id)":"([^"]*)"/g),
  ]
  const results = ids.map(([, id]) => id)
  // Recorders have masked some ids, so that they are the same in several recordings.
  if (wire !== 'openai-responses' && new Set(results).size !== results.length) return undefined
  const body = JSON.stringify({ ...bodies[0], [list]: elements })
  return {
    file: `${first.file} and ${group.length - 1} more`,
    call: callOf(first.call.http.url, body, () => {}),
    usage: { inputTokens: Math.round(body.length / 4) },
  }
}
