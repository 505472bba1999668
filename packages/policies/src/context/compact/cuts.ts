import { createHash } from 'node:crypto'
import type { LlmCall, Message } from '@holdfast/core'

/** What stands for the beginning of a conversation. */
export interface Cut {
  /** So many messages at its beginning are replaced. */
  readonly covered: number
  readonly standing: readonly Message[]
  /** What is not said any more, from the oldest on. */
  readonly dropped: readonly Message[]
}

/** A cut, and what it was made from. */
export interface KnownCut extends Cut {
  readonly hash: string
}

interface Conversation {
  cuts: KnownCut[]
  /** Attempts that have not helped, by why they were made, and from which length on another one makes sense. */
  readonly vain: Map<string, { readonly times: number; readonly againFromTokens: number }>
  summaries: number
}

/** A run that branches has several. */
const mostCuts = 4
/** An attempt that saves less has not helped. */
const helpfulShare = 0.1

/**
 * Remembers how conversations were made shorter, so that the next turn goes out with the same beginning, to the byte:
 * that is what a provider's cache looks for.
 */
export class Cuts {
  readonly #byStart = new Map<string, Conversation>()
  readonly #mostConversations: number
  /** No conversation that was cut has a shorter body. */
  #shortestBody = Infinity

  constructor(mostConversations = 256) {
    this.#mostConversations = mostConversations
  }

  /** False for a conversation that is shorter than all that were cut. */
  mayKnow(bodyBytes: number): boolean {
    return bodyBytes >= this.#shortestBody
  }

  /** The cut of a conversation that begins with what was cut; the deepest, where there are several. */
  find(call: LlmCall, bodyBytes: number): KnownCut | undefined {
    if (!this.mayKnow(bodyBytes)) return undefined
    const { messages } = call.request
    const hashes = new Map<number, string>()
    return this.#byStart.get(startOf(call))?.cuts.find(({ covered, hash }) => {
      if (covered > messages.length) return false
      let known = hashes.get(covered)
      if (known === undefined) hashes.set(covered, (known = hashOf(messages.slice(0, covered))))
      return known === hash
    })
  }

  /** Remembers a cut; it was made from the call's conversation unless it says otherwise. */
  add(call: LlmCall, cut: Cut | KnownCut, bodyBytes: number): KnownCut {
    const conversation = this.#take(call)
    const known =
      'hash' in cut ? cut : { ...cut, hash: hashOf(call.request.messages.slice(0, cut.covered)) }
    conversation.cuts = [known, ...conversation.cuts].slice(0, mostCuts)
    this.#shortestBody = Math.min(this.#shortestBody, bodyBytes)
    return known
  }

  /** False where shortening was in vain again and again: then only once it has grown a good deal. */
  isWorthTrying(call: LlmCall, reason: string, tokens: number): boolean {
    const known = this.#byStart.get(startOf(call))?.vain.get(reason)
    return known === undefined || tokens >= known.againFromTokens
  }

  /** How much an attempt has saved. */
  tried(call: LlmCall, reason: string, tokens: number, savedTokens: number): void {
    const { vain } = this.#take(call)
    if (savedTokens >= tokens * helpfulShare) {
      vain.clear()
      return
    }
    const times = (vain.get(reason)?.times ?? 0) + 1
    vain.set(reason, { times, againFromTokens: tokens * (1 + 0.02 * 2 ** Math.min(times, 4)) })
  }

  /** Counts a summary; false where the conversation has had as many as it may. */
  maySummarise(call: LlmCall, most: number): boolean {
    const conversation = this.#take(call)
    return conversation.summaries++ < most
  }

  #take(call: LlmCall): Conversation {
    const start = startOf(call)
    const known = this.#byStart.get(start) ?? { cuts: [], vain: new Map(), summaries: 0 }
    this.#byStart.delete(start)
    this.#byStart.set(start, known)
    if (this.#byStart.size > this.#mostConversations) {
      const [oldest] = this.#byStart.keys()
      if (oldest !== undefined) this.#byStart.delete(oldest)
    }
    return known
  }
}

/** Whose conversation it is, and how it begins. */
export function startOf({ format, run, request }: LlmCall): string {
  const { tenant, user, session } = run ?? {}
  return hashOf([format.name, tenant, user, session, request.messages[0]])
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64')
}
