import { HoldfastError } from '@holdfast/core'
import type { ToolCall } from '@holdfast/core'
import type { Attributes, Context, Span, SpanOptions } from '@opentelemetry/api'
import { errorTypeOf, isAbort } from './error-type.ts'
import { redactedJson } from './message-content.ts'
import type { Redact } from './message-content.ts'
import { errorStatus, internalKind } from './open-telemetry.ts'

/** What is known of one tool call. */
export class ToolRecord {
  readonly call: ToolCall
  readonly parent: Context
  readonly startedAt: number = Date.now()
  readonly startedAtMs: number = performance.now()
  span: Span | undefined
  endedAtMs = 0
  errorType: string | undefined
  errorMessage: string | undefined
  value: unknown

  constructor(call: ToolCall, parent: Context) {
    this.call = call
    this.parent = parent
  }

  end(value: unknown, keep: boolean): void {
    this.endedAtMs = performance.now()
    if (keep) this.value = value
  }

  fail(error: unknown): void {
    this.endedAtMs = performance.now()
    this.errorType = isAbort(error, undefined) ? 'aborted' : errorTypeOf(error)
    if (HoldfastError.is(error)) this.errorMessage = error.message
  }

  /** The process ends, and the tool has not. */
  abandon(): void {
    this.endedAtMs = performance.now()
    this.errorType = 'unfinished'
  }
}

/** What a tool's span is started with. */
export function toolSpanOptions(startedAt: number, call: ToolCall): SpanOptions {
  return {
    kind: internalKind,
    startTime: startedAt,
    attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': call.name },
  }
}

/** Completes a tool's span and ends it. */
export function endToolSpan(
  record: ToolRecord,
  options: {
    readonly captureContent: boolean
    readonly redact: Redact | undefined
    readonly bug: (error: unknown) => void
  },
): void {
  const { span, call, errorType, errorMessage } = record
  if (span === undefined) return
  if (span.isRecording()) {
    const attributes: Attributes = { 'gen_ai.tool.type': 'function' }
    const set = (name: string, value: string | undefined): void => {
      if (value !== undefined) attributes[name] = value
    }
    set('gen_ai.tool.call.id', call.toolCallId)
    set('gen_ai.conversation.id', call.run?.session)
    set('gen_ai.agent.name', call.run?.agent)
    set('holdfast.run.id', call.run?.id)
    set('holdfast.framework', call.framework)
    set('error.type', errorType)
    try {
      if (options.captureContent) {
        const { redact = (text) => text } = options
        set('gen_ai.tool.call.arguments', JSON.stringify(redactedJson(call.arguments, redact)))
        set('gen_ai.tool.call.result', JSON.stringify(redactedJson(record.value, redact)))
      }
    } catch (error) {
      // What could not be cleaned, or is no JSON, is not shown.
      options.bug(error)
    }
    span.setAttributes(attributes)
    if (errorType !== undefined && errorType !== 'aborted') {
      span.setStatus({
        code: errorStatus,
        ...(errorMessage === undefined ? {} : { message: errorMessage }),
      })
    }
  }
  span.end(record.startedAt + (record.endedAtMs - record.startedAtMs))
}
