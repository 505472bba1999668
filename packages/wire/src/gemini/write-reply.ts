import type { Failure, FinishReason, ReplyEvent, Usage } from '@holdfast/core'
import { object, parseJson } from '../json/json.ts'
import { finishReasons } from './read-reply.ts'
import { present } from '../request/members.ts'
import { addTo, type Block, contentOf, type ReplyContent } from '../reply/blocks.ts'
import { bytesOf, sseEvent } from '../sse/write-event.ts'

type Json = Readonly<Record<string, unknown>>

/** Writes a reply as chunks of streamGenerateContent, one piece per event, or as one response. */
export function writeReply(
  events: readonly ReplyEvent[],
  facts: { readonly streaming: boolean; readonly model: string },
): Uint8Array[] {
  const content = contentOf(events)
  const head = {
    modelVersion: content.model ?? facts.model,
    ...present({ responseId: content.id }),
  }
  if (facts.streaming) return writeStream(events, head)
  if (content.error) return [bytesOf(JSON.stringify(errorOf(content.error.failure)))]
  const usage = content.usage && usageOf(content.usage)
  const whole = { candidates: candidatesOf(content), ...present({ usageMetadata: usage }), ...head }
  return [bytesOf(JSON.stringify(whole))]
}

function writeStream(events: readonly ReplyEvent[], head: Json): Uint8Array[] {
  const blocks: Block[] = []
  const lastDelta = new Map<Block, ReplyEvent>()
  // A call goes out whole, with the last of its arguments.
  for (const event of events) {
    const block = addTo(blocks, event)
    if (block?.type === 'tool-call') lastDelta.set(block, event)
  }
  const callOf = new Map([...lastDelta].map(([block, event]) => [event, block]))
  return events.map((event) => {
    if (event.type === 'keep-alive') return bytesOf(': keep-alive\r\n\r\n')
    const call = callOf.get(event)
    const chunk = call ? candidate(blockChoice(call), [partOf(call)]) : chunkOf(event)
    if (chunk === undefined) return bytesOf('')
    return bytesOf(sseEvent(event.type === 'error' ? chunk : { ...chunk, ...head }))
  })
}

function chunkOf(event: ReplyEvent): Json | undefined {
  switch (event.type) {
    case 'text-delta':
    case 'refusal-delta':
      return candidate(event.choice, [{ text: event.text }])
    case 'reasoning-delta':
      return candidate(event.choice, [reasoningPart(event.text, event.signature)])
    case 'other-content':
      return candidate(0, [{ [event.name]: event.value }])
    case 'finish':
      return candidate(event.choice, [], rawReason(event.reason, event.raw))
    case 'usage':
      return { usageMetadata: usageOf(event.usage) }
    case 'error':
      return errorOf(event.failure)
    default:
      return undefined
  }
}

function candidate(index: number, parts: readonly Json[], finishReason?: string): Json {
  const content = { role: 'model', ...(parts.length > 0 ? { parts } : {}) }
  return { candidates: [{ content, ...present({ finishReason }), index }] }
}

function candidatesOf({ blocks, finishes }: ReplyContent): Json[] {
  const indexes = new Set([...blocks.map(blockChoice), ...finishes.map(({ choice }) => choice)])
  return [...indexes]
    .toSorted((a, b) => a - b)
    .map((index) => {
      const finish = finishes.find(({ choice }) => choice === index)
      return {
        content: {
          role: 'model',
          parts: blocks.filter((block) => blockChoice(block) === index).map(partOf),
        },
        ...(finish ? { finishReason: rawReason(finish.reason, finish.raw) } : {}),
        index,
      }
    })
}

function blockChoice(block: Block): number {
  return block.type === 'other' ? 0 : block.choice
}

function partOf(block: Block): Json {
  switch (block.type) {
    case 'text':
    case 'refusal':
      return { text: block.text }
    case 'reasoning':
      return reasoningPart(block.text, block.signature)
    case 'tool-call': {
      const { id, name } = block
      const args = object(parseJson(block.arguments)) ?? {}
      return { functionCall: { ...(id === '' ? {} : { id }), name, args } }
    }
    default:
      return { [block.name]: block.value }
  }
}

/** A signature without a thought stood beside another part; an empty text carries it. */
function reasoningPart(text: string, signature: string | undefined): Json {
  const signed = signature ? { thoughtSignature: signature } : {}
  return text === '' ? { text, ...signed } : { text, thought: true, ...signed }
}

const reasons: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  refusal: 'SAFETY',
  'malformed-tool-call': 'MALFORMED_FUNCTION_CALL',
  other: 'OTHER',
}

function rawReason(reason: FinishReason, raw: string): string {
  return raw !== '' && (finishReasons[raw] ?? 'other') === reason ? raw : reasons[reason]
}

/** Thoughts are counted beside the candidates here. */
function usageOf(usage: Usage): Json {
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens } = usage
  return present({
    promptTokenCount: inputTokens,
    candidatesTokenCount:
      outputTokens === undefined ? undefined : outputTokens - (reasoningTokens ?? 0),
    totalTokenCount: (inputTokens ?? 0) + (outputTokens ?? 0),
    cachedContentTokenCount: cachedInputTokens,
    thoughtsTokenCount: reasoningTokens,
  })
}

function errorOf({ status = 500, code = 'INTERNAL', message }: Failure): Json {
  return { error: { code: status, message, status: code } }
}
