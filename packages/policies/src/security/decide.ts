import { HoldfastError } from '@holdfast/core'
import type { Call, CallEvent, PolicyDecision } from '@holdfast/core'

/** What a security policy says of a call; the rest of the decision is the call's own. */
export type Said = Omit<PolicyDecision, 'callId' | 'run' | 'enforced'> & {
  /** @default true */
  readonly enforced?: boolean
}

/** Tells what was decided about a call. */
export function tellDecision(
  call: {
    readonly id: string
    readonly run: Call['run']
    readonly emit: (event: CallEvent) => void
  },
  said: Said,
): void {
  const decision: PolicyDecision = { enforced: true, ...said, callId: call.id, run: call.run }
  try {
    call.emit({ type: 'decision-made', decision })
  } catch {
    // Whoever listens reports its own bugs; what was decided stands.
  }
}

/** Runs a part that fails closed: what it throws by accident refuses the call, without a word of its content. */
export function closed<Result>(
  what: string,
  work: () => Result,
  bug: (error: unknown) => void = () => {},
): Result {
  try {
    const result = work()
    if (!(result instanceof Promise)) return result
    return result.catch((error: unknown) => {
      throw refusal(what, error, bug)
    }) as Result
  } catch (error) {
    throw refusal(what, error, bug)
  }
}

function refusal(what: string, error: unknown, bug: (error: unknown) => void): unknown {
  if (HoldfastError.is(error)) return error
  bug(error)
  const name = error instanceof Error ? error.name : typeof error
  return new HoldfastError(
    'CALL_REFUSED',
    `${what} broke (${name}), and nothing goes on without it`,
    { cause: error },
  )
}
