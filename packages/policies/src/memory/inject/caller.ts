import type { LlmCall } from '@holdfast/core'
import type { MemoryCaller } from '../identity.ts'
import type { Memory } from '../memory.ts'

/** What the line of a call needs of memory. */
export type LineMemory = Pick<
  Memory,
  'recall' | 'remember' | 'learnLater' | 'turns' | 'history' | 'blocks'
>

/** Who calls: nobody's memory is touched without a user. */
export type LineCaller = MemoryCaller & { readonly user: string }

/** Who makes this call; undefined where nobody says for which user. */
export function callerOf({ run, id }: LlmCall): LineCaller | undefined {
  if (run?.user === undefined || run.user === '') return undefined
  const { tenant, user, agent, session } = run
  return {
    user,
    runId: run.id,
    callId: id,
    ...(tenant === undefined ? {} : { tenant }),
    ...(agent === undefined ? {} : { agent }),
    ...(session === undefined ? {} : { session }),
  }
}

/** The caller for a recall of what is known of the user: what this conversation says is there already. */
export function apart(caller: LineCaller): LineCaller {
  const { session, ...rest } = caller
  return session === undefined ? caller : rest
}
