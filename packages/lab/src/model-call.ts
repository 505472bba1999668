import { answerFrom } from './answer.ts'
import { faultOf } from './check.ts'
import { offeredTools } from './conversation-reader.ts'
import { applicableFault } from './faults/catalogue.ts'
import type { FaultContext } from './faults/definition.ts'
import { members } from './json.ts'
import type { Move } from './move.ts'
import { streamMoves, wholeMoves } from './move.ts'
import type { Random } from './random.ts'
import type { RequestRecord, WireName } from './request.ts'
import type { Route } from './route.ts'
import type { Step } from './script.ts'
import { anthropicMessages } from './wires/anthropic-messages.ts'
import { bedrockConverse } from './wires/bedrock-converse.ts'
import { bedrockAnthropic } from './wires/bedrock-anthropic.ts'
import { cohereChat } from './wires/cohere-chat.ts'
import { gemini } from './wires/gemini.ts'
import { ollamaChat } from './wires/ollama-chat.ts'
import { openaiChat } from './wires/openai-chat.ts'
import { openaiResponses } from './wires/openai-responses.ts'
import type { Asked, Wire } from './wires/wire.ts'

const wires: Readonly<Record<Exclude<WireName, 'other'>, Wire>> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
  gemini,
  'bedrock-converse': bedrockConverse,
  'bedrock-anthropic': bedrockAnthropic,
  'cohere-chat': cohereChat,
  'ollama-chat': ollamaChat,
}

/** What the lab does for a model call: the good answer of the step, spoiled by its fault where that can strike. */
export function modelCallMoves(
  request: RequestRecord,
  asked: Asked,
  step: Step,
  made: Random,
): readonly Move[] {
  const wireName = request.wire
  if (wireName === 'other') throw new TypeError('only model calls are scripted')
  const wire = wires[wireName]
  const good = answerFrom(step, { ...asked, ...request }, made)
  const fault = faultOf(step)
  const definition = fault && applicableFault(fault.name, wireName, asked.streaming)

  const context = (answer: FaultContext['answer']): FaultContext => ({
    wire,
    wireName,
    asked,
    answer,
    offeredTools: offeredTools(request),
    request,
    fault: fault ?? { name: 'server-error' },
    random: made,
  })
  const said = definition?.answer?.(good, context(good)) ?? good
  const headers = { ...wire.headers(asked, made), ...step.headers }
  const moves = asked.streaming
    ? streamMoves(200, headers, wire.stream(said, asked))
    : wholeMoves(200, headers, wire.whole(said, asked))
  if (definition === undefined) return moves

  const spoiled = definition.moves === undefined ? moves : definition.moves(moves, context(said))
  if (spoiled === undefined) return moves
  request.fault = fault?.name
  return spoiled
}

/** What a wire needs to know of a request. */
export function askedFor(found: Route, body: unknown): Asked {
  const asked = members(body)
  // Ollama streams unless told otherwise.
  const usual = found.wire === 'ollama-chat'
  return {
    body: asked,
    model: found.model ?? (typeof asked['model'] === 'string' ? asked['model'] : ''),
    streaming: found.streaming ?? (asked['stream'] ?? usual) === true,
    framing: found.framing,
  }
}
