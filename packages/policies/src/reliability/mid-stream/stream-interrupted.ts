import { assemble, HoldfastError } from '@holdfast/core'
import type { AssembledMessage, AssembledToolCall } from '@holdfast/core'
import { FaultError } from '../faults/fault-error.ts'
import { faults } from '../faults/faults.ts'
import type { FaultName } from '../faults/faults.ts'
import type { KeptEvents } from './kept-events.ts'

/** What had arrived of an answer when its stream broke. Never a whole answer, however whole its text looks. */
export interface PartialReply extends Omit<AssembledMessage, 'toolCalls'> {
  readonly toolCalls: readonly PartialToolCall[]
}

/** A tool call of an answer that broke off. */
export interface PartialToolCall extends AssembledToolCall {
  /** True where its arguments are a JSON object to the end; false for a call that was cut. */
  readonly complete: boolean
}

/** A stream broke after its first content: what had arrived is in `partial`, what broke it in `cause` and `fault`. */
export class StreamInterruptedError extends FaultError {
  readonly #kept: KeptEvents
  #partial: PartialReply | undefined

  constructor(host: string, fault: FaultName, kept: KeptEvents, cause: unknown) {
    const why = HoldfastError.is(cause) ? cause.message : faults[fault].sign
    super('STREAM_INTERRUPTED', fault, `${host} broke off in the middle of the answer: ${why}`, {
      cause,
    })
    this.#kept = kept
  }

  /** Put together when somebody asks. No property of its own, so that logging the error does not log the answer. */
  get partial(): PartialReply {
    return (this.#partial ??= partialOf(this.#kept))
  }
}

/**
 * The interruption behind what an application caught, with what had arrived: the error itself, or one of its causes.
 * Undefined where no stream broke.
 */
export function interruptionOf(error: unknown): StreamInterruptedError | undefined {
  let current = error
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    if (HoldfastError.is(current) && current.code === 'STREAM_INTERRUPTED') {
      return current as StreamInterruptedError
    }
    current = current.cause
  }
  return undefined
}

/**
 * The error to throw where a stream broke: an interruption in place of what Holdfast raised by itself. What the
 * transport threw stays the error that it is, so that whoever knows it still does, and has the interruption for its cause.
 */
export function interrupted(
  host: string,
  fault: FaultName,
  kept: KeptEvents,
  cause: unknown,
): unknown {
  if (!(cause instanceof Error) || HoldfastError.is(cause)) {
    return new StreamInterruptedError(host, fault, kept, cause)
  }
  // Some transports break several streams with one error: the second must not take the place of the first.
  if (interruptionOf(cause) === undefined) {
    const value = new StreamInterruptedError(host, fault, kept, cause.cause)
    if (Reflect.defineProperty(cause, 'cause', { value, configurable: true, writable: true })) {
      return cause
    }
  }
  return new StreamInterruptedError(host, fault, kept, cause)
}

function partialOf(kept: KeptEvents): PartialReply {
  const { toolCalls, ...message } = assemble(kept.all())
  return {
    ...message,
    toolCalls: toolCalls.map((call) => ({ ...call, complete: isObject(call.arguments) })),
  }
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
