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
export function closed<Result>(what: string, work: () => Result): Result {
  try {
    const result = work()
    if (result instanceof Promise) {
      return result.catch((error: unknown) => {
        throw refusalFor(what, error)
      }) as Result
    }
    return result
  } catch (error) {
    throw refusalFor(what, error)
  }
}

function refusalFor(what: string, error: unknown): unknown {
  if (HoldfastError.is(error)) return error
  return new HoldfastError(
    'CALL_REFUSED',
    `${what} failed (${error instanceof Error ? error.name : typeof error}), so that nothing was sent or handed on; report() says more`,
    { cause: error },
  )
}
