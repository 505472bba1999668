import type { LlmCall, LlmRequest } from '@holdfast/core'
import type { Attributes, SpanOptions } from '@opentelemetry/api'
import type { CallRecord, TimedEvent } from './call-record.ts'
import { inputMessages, outputMessages, systemInstructions } from './message-content.ts'
import type { Redact } from './message-content.ts'
import { clientKind, errorStatus } from './open-telemetry.ts'
import { serverAddress } from './server-address.ts'

// Names: https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/ and
// @opentelemetry/semantic-conventions 1.45.0 (2026-11-21). What the conventions have no name for is holdfast.*.

/** `gen_ai.operation.name`: Gemini's own word where the conventions have one. */
export function operationName(call: LlmCall): string {
  switch (call.operation) {
    case 'chat':
      return call.format.name.startsWith('gemini') ? 'generate_content' : 'chat'
    case 'count-tokens':
      return 'count_tokens'
    default:
      return call.operation
  }
}

/** What a call's span is started with: the attributes that a sampler may decide by. */
export function callSpanOptions(call: LlmCall, operation: string, startedAt: number): SpanOptions {
  const { address, port } = serverAddress(call)
  return {
    kind: clientKind,
    startTime: startedAt,
    attributes: {
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': call.provider,
      'gen_ai.request.model': call.model,
      'server.address': address,
      'server.port': port,
    },
  }
}

/** Completes a call's span and ends it. */
export function endCallSpan(
  record: CallRecord,
  options: {
    readonly requestParameters: boolean
    readonly redact: Redact | undefined
    readonly bug: (error: unknown) => void
  },
): void {
  const { span } = record
  if (span === undefined) return
  const endedAt = record.startedAt + (record.endedAtMs - record.startedAtMs)
  if (span.isRecording()) {
    const attributes = answerAttributes(record)
    if (options.requestParameters) Object.assign(attributes, requestAttributes(record.call))
    try {
      if (record.said !== undefined) Object.assign(attributes, content(record, options.redact))
    } catch (error) {
      // What could not be cleaned is not shown.
      options.bug(error)
    }
    span.setAttributes(attributes)
    if (record.events.some(isNoteworthy)) {
      for (const event of record.events) addEvent(record, event)
    }
    if (record.outcome === 'error') {
      const message = record.errorMessage
      span.setStatus({ code: errorStatus, ...(message === undefined ? {} : { message }) })
    }
  }
  span.end(endedAt)
}

function answerAttributes(record: CallRecord): Attributes {
  const { call, usage } = record
  const { run } = call
  const attributes: Attributes = { 'holdfast.attempts': record.attempts }
  const set = (name: string, value: string | number | boolean | string[] | undefined): void => {
    if (value !== undefined) attributes[name] = value
  }
  set('gen_ai.conversation.id', run?.session)
  set('gen_ai.agent.name', run?.agent)
  set('gen_ai.prompt.version', run?.promptVersion)
  set('holdfast.run.id', run?.id)
  if (call.streaming) set('gen_ai.request.stream', true)
  set('gen_ai.response.id', record.responseId)
  set('gen_ai.response.model', record.responseModel)
  if (record.finishReasons.length > 0) {
    attributes['gen_ai.response.finish_reasons'] = Array.from(
      record.finishReasons,
      (reason) => reason ?? '',
    )
  }
  if (record.firstContentAtMs !== undefined) {
    const waitedMs = record.firstContentAtMs - record.startedAtMs
    set('gen_ai.response.time_to_first_chunk', waitedMs / 1000)
  }
  set('gen_ai.usage.input_tokens', usage.inputTokens)
  set('gen_ai.usage.output_tokens', usage.outputTokens)
  set('gen_ai.usage.cache_read.input_tokens', usage.cachedInputTokens)
  set('gen_ai.usage.cache_creation.input_tokens', usage.cacheWriteTokens)
  set('gen_ai.usage.reasoning.output_tokens', usage.reasoningTokens)
  if (!record.complete) set('holdfast.usage.complete', false)
  set('holdfast.cost.usd', record.costUsd)
  if (record.possiblyBilled > 0) set('holdfast.attempts.possibly_billed', record.possiblyBilled)
  if (record.continued > 0) set('holdfast.continued', record.continued)
  if (call.resend > 0) set('holdfast.resend', call.resend)
  for (const { event } of record.events) {
    if (event.type === 'fallback-taken') set('holdfast.fallback', event.to)
  }
  if (record.dropped.length > 0) set('holdfast.dropped', record.dropped)
  set('error.type', record.outcome === 'aborted' ? 'aborted' : record.errorType)
  return attributes
}

function requestAttributes(call: LlmCall): Attributes {
  let request: LlmRequest
  try {
    request = call.request
  } catch {
    return {}
  }
  const attributes: Attributes = {}
  const set = (name: string, value: number | string | undefined): void => {
    if (value !== undefined) attributes[`gen_ai.${name}`] = value
  }
  set('request.max_tokens', request.maxOutputTokens)
  set('request.temperature', request.temperature)
  set('request.top_p', request.topP)
  set('request.top_k', request.topK)
  set('request.seed', request.seed)
  set('request.frequency_penalty', request.frequencyPenalty)
  set('request.presence_penalty', request.presencePenalty)
  if (request.stopSequences !== undefined) {
    attributes['gen_ai.request.stop_sequences'] = [...request.stopSequences]
  }
  if (request.output !== undefined) {
    set('output.type', request.output.type === 'text' ? 'text' : 'json')
  }
  return attributes
}

function content(record: CallRecord, redact: Redact = (text) => text): Attributes {
  const attributes: Attributes = {
    'gen_ai.output.messages': JSON.stringify(outputMessages(record.said ?? [], redact)),
  }
  if (record.call.operation !== 'chat') return attributes
  const { request } = record.call
  attributes['gen_ai.input.messages'] = JSON.stringify(inputMessages(request.messages, redact))
  if (request.system.length > 0) {
    attributes['gen_ai.system_instructions'] = JSON.stringify(
      systemInstructions(request.system, redact),
    )
  }
  return attributes
}

/** One good attempt is no news; anything else makes the whole story worth telling. */
function isNoteworthy({ event }: TimedEvent): boolean {
  return event.type !== 'attempt-start' && event.type !== 'attempt-end'
}

function addEvent(record: CallRecord, { event, atMs }: TimedEvent): void {
  const at = record.startedAt + (atMs - record.startedAtMs)
  record.span?.addEvent(`holdfast.${event.type.replaceAll('-', '_')}`, eventAttributes(event), at)
}

function eventAttributes(event: TimedEvent['event']): Attributes {
  switch (event.type) {
    case 'attempt-start':
      return {
        'holdfast.attempt': event.attempt,
        'gen_ai.provider.name': event.provider,
        'gen_ai.request.model': event.model,
        'server.address': event.host,
      }
    case 'attempt-end':
      return { 'holdfast.attempt': event.attempt, 'http.response.status_code': event.status }
    case 'attempt-failed': {
      const { status } = event.failure
      return {
        'holdfast.attempt': event.attempt,
        'holdfast.fault': event.fault,
        'holdfast.possibly_billed': event.possiblyBilled,
        ...(status === undefined ? {} : { 'http.response.status_code': status }),
      }
    }
    case 'retry-scheduled':
      return {
        'holdfast.attempt': event.attempt,
        'holdfast.delay_ms': event.delayMs,
        'holdfast.reason': event.reason,
      }
    case 'fallback-taken':
      return {
        'holdfast.from': event.from,
        'holdfast.to': event.to,
        'holdfast.reason': event.reason,
      }
    case 'hedge-started':
      return { 'holdfast.after_ms': event.afterMs }
    case 'content-dropped':
      return {
        'holdfast.to': event.to,
        'holdfast.what': event.loss.what,
        'holdfast.where': event.loss.where,
        'holdfast.severity': event.loss.severity,
      }
    case 'answer-continued':
      return { 'holdfast.characters': event.characters }
    case 'reply-flawed':
      return { 'holdfast.fault': event.fault }
    case 'fallback-ended':
      return { 'holdfast.to': event.to }
    case 'alert-raised':
      return { 'holdfast.endpoint': event.endpoint, 'holdfast.fault': event.fault }
    case 'limit-reached':
      return {
        'holdfast.limit': event.limit,
        'holdfast.waits': event.waits,
        ...(Number.isFinite(event.retryInMs) ? { 'holdfast.retry_in_ms': event.retryInMs } : {}),
      }
    case 'circuit-opened':
      return { 'holdfast.circuit': event.circuit }
    case 'circuit-refused':
      return { 'holdfast.circuit': event.circuit, 'holdfast.retry_in_ms': event.retryInMs }
    case 'resend-answered':
      return { 'holdfast.resend': event.resend }
    case 'reply-kept-back':
      return {
        'holdfast.by': event.by,
        'gen_ai.response.model': event.model,
        ...(event.usage?.inputTokens === undefined
          ? {}
          : { 'gen_ai.usage.input_tokens': event.usage.inputTokens }),
        ...(event.usage?.outputTokens === undefined
          ? {}
          : { 'gen_ai.usage.output_tokens': event.usage.outputTokens }),
      }
    case 'context-compacted':
      return {
        'holdfast.reason': event.reason,
        'holdfast.strategies': [...event.strategies],
        'holdfast.context.input_tokens': event.inputTokens,
        'holdfast.context.compacted_tokens': event.compactedTokens,
        'holdfast.context.window_tokens': event.windowTokens,
        'holdfast.context.dropped_messages': event.droppedMessages,
        'holdfast.enforced': event.enforced,
      }
    case 'memory-injected':
      return {
        'holdfast.memory.items': event.items,
        'holdfast.memory.turns': event.turns,
        'holdfast.memory.tokens': event.tokens,
        'holdfast.memory.new_tokens': event.newTokens,
      }
    case 'decision-made': {
      const { policy, verdict, rule, enforced, reason, score } = event.decision
      return {
        'holdfast.policy': policy,
        'holdfast.verdict': verdict,
        'holdfast.rule': rule,
        'holdfast.enforced': enforced,
        'holdfast.reason': reason,
        ...(score === undefined ? {} : { 'holdfast.score': score }),
      }
    }
    default:
      return {}
  }
}
