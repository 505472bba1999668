import type { Usage } from './event.ts'
import type { Failure } from './failure.ts'
import type { Loss } from './loss.ts'
import type { PolicyDecision } from './policy-decision.ts'

/** What happened to a call between its start and its end, told by the interceptor that did it. Times are performance.now() milliseconds. */
export type CallEvent =
  /** A request goes upstream. */
  | {
      readonly type: 'attempt-start'
      /** Counted over the whole call, from 1. */
      readonly attempt: number
      readonly provider: string
      readonly host: string
      readonly model: string
      readonly atMs: number
    }
  /** The attempt gave the answer that is handed up (its stream may still break). */
  | {
      readonly type: 'attempt-end'
      readonly attempt: number
      readonly atMs: number
      readonly status: number
    }
  | {
      readonly type: 'attempt-failed'
      readonly attempt: number
      readonly atMs: number
      /** The fault's name in the decision table. */
      readonly fault: string
      readonly failure: Failure
      /** The provider may have billed it. */
      readonly possiblyBilled: boolean
    }
  | {
      readonly type: 'retry-scheduled'
      readonly attempt: number
      readonly delayMs: number
      readonly reason: string
    }
  | {
      readonly type: 'fallback-taken'
      readonly from: string
      readonly to: string
      readonly reason: string
    }
  /** The call is slow to begin, so it is sent a second time; the slower of the two ends as `hedged-away`. */
  | { readonly type: 'hedge-started'; readonly afterMs: number }
  /** The answer broke off after so many characters of text, and goes on with another attempt: here is the seam. */
  | { readonly type: 'answer-continued'; readonly characters: number }
  /** The first choice answers again, after others stood in for it for a while. */
  | { readonly type: 'fallback-ended'; readonly to: string }
  /** A target that speaks another format is not told this, or the application is not told this of its answer. */
  | { readonly type: 'content-dropped'; readonly to: string; readonly loss: Loss }
  /** A good answer with something wrong in its tool calls: cut by the token limit, or two with one id. It passes as it came. */
  | { readonly type: 'reply-flawed'; readonly fault: string }
  /** Something that only a person can mend, told once: money, keys, names, certificates. */
  | { readonly type: 'alert-raised'; readonly endpoint: string; readonly fault: string }
  /** A limit of the application's own has no room: the call waits, or is refused. */
  | {
      readonly type: 'limit-reached'
      readonly limit: 'rate' | 'concurrency' | 'budget'
      /** When there is room; Infinity where time alone does not help. For concurrency: at the latest. */
      readonly retryInMs: number
      readonly waits: boolean
    }
  | { readonly type: 'circuit-opened'; readonly circuit: string }
  | { readonly type: 'circuit-refused'; readonly circuit: string; readonly retryInMs: number }
  /** The journal had the answer: nothing went upstream, and no tool ran. */
  | { readonly type: 'journal-answered'; readonly runId: string; readonly recordedAtMs: number }
  /** A run gone on from asks something else than it did before. */
  | { readonly type: 'run-diverged'; readonly runId: string }
  /** A layer above sent the same failed call again and was answered from the record. */
  | { readonly type: 'resend-answered'; readonly resend: number }
  /** A policy has decided about what a model or a tool is about to do, or would have. */
  | { readonly type: 'decision-made'; readonly decision: PolicyDecision }
  /**
   * An answer went into the call that the application does not get: it called a tool of Holdfast's own, proposed what
   * was refused and said so, or summed up a part of the conversation.
   */
  | {
      readonly type: 'reply-kept-back'
      readonly by: 'memory' | 'context.recall' | 'context.summary' | 'tools'
      readonly provider: string
      readonly host: string
      /** The model that answered, as far as it says so. */
      readonly model: string
      /** Undefined where it was not read to its end, or says nothing of it. */
      readonly usage: Usage | undefined
    }
  /** A conversation was made shorter to fit its model's window, or would have been. */
  | {
      readonly type: 'context-compacted'
      readonly reason: 'soft' | 'hard' | 'overflow'
      readonly strategies: readonly string[]
      /** What the request had, and what it has now. */
      readonly inputTokens: number
      readonly compactedTokens: number
      readonly windowTokens: number
      /** Messages that are left out, or said in part only. */
      readonly droppedMessages: number
      /** False where this is only observed. */
      readonly enforced: boolean
    }
  /** What is known of the user was put into the request, or the turns of its conversation were brought back. */
  | {
      readonly type: 'memory-injected'
      /** Memories and turns that are in it, and about how many tokens they have. */
      readonly items: number
      readonly turns: number
      readonly tokens: number
      /** Those of the tokens that no request before had: no provider's cache has them. */
      readonly newTokens: number
    }
