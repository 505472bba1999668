import { HoldfastError, watchReply } from '@holdfast/core'
import type { Interceptor, LlmCall, LlmReply, Usage } from '@holdfast/core'
import { compact } from './compact/compact.ts'
import type { Compacted } from './compact/compact.ts'
import { Cuts } from './compact/cuts.ts'
import type { Cut } from './compact/cuts.ts'
import { TokenCounter } from './count/token-counter.ts'
import type { TokenCount } from './count/token-counter.ts'
import type { ContextOptions, ContextWindow } from './options.ts'
import { overflowOf } from './window/overflow.ts'
import type { Overflow } from './window/overflow.ts'
import { Windows } from './window/windows.ts'

/** Why a conversation is made shorter. */
type Reason = 'soft' | 'hard' | 'overflow'

/** Bodies below this fit into every model there is. */
const alwaysFitsBytes = 8_000

/**
 * Keeps conversations inside of the model's window.
 *
 * Sees: requests, and the usage that replies report; failures for length until `next` resolves.
 * Changes: nothing below the soft limit. From there on the middle of the conversation; the same beginning goes out
 * from turn to turn. A call that the provider calls too long is made shorter and sent once more.
 * @throws HoldfastError CONTEXT_TOO_LONG where nothing that may be left out makes it fit.
 */
export function context(options: ContextOptions = {}): Interceptor {
  const keeper = new ContextKeeper(options)
  return async function context(call, next) {
    if (call.operation !== 'chat') return next(call)
    const prepared = await keeper.prepare(call)
    const reply = await next(prepared.call)
    const overflow = overflowOf(reply.failure)
    if (overflow === undefined) return learning(reply, prepared.count)
    const shorter = await keeper.rescue(prepared.call, call, overflow)
    if (shorter === undefined) return reply
    await reply.cancel()
    const again = await next(shorter.call)
    return learning(again, shorter.count)
  }
}

interface Prepared {
  readonly call: LlmCall
  readonly count: TokenCount | undefined
}

/** How much of the window is there for the input, and where it begins to be much. */
interface Room {
  readonly windowTokens: number
  readonly inputTokens: number
  readonly softTokens: number
  readonly hardTokens: number
  readonly targetTokens: number
}

class ContextKeeper {
  readonly #options: Required<
    Pick<
      ContextOptions,
      'mode' | 'softShare' | 'hardShare' | 'targetShare' | 'answerTokens' | 'keepNewest' | 'rescue'
    >
  > &
    Pick<ContextOptions, 'pin'>
  readonly #windows: Windows
  readonly #counter = new TokenCounter()
  readonly #cuts = new Cuts()

  constructor(options: ContextOptions) {
    this.#options = {
      mode: 'compact',
      softShare: 0.75,
      hardShare: 0.92,
      targetShare: 0.4,
      answerTokens: 4096,
      keepNewest: 6,
      rescue: true,
      ...options,
    }
    this.#windows = new Windows(options.windows)
  }

  /** The call as it goes out: as it came, unless its conversation has become too long. */
  async prepare(call: LlmCall): Promise<Prepared> {
    const { body } = call.http
    if (body === undefined || body.length < alwaysFitsBytes) return { call, count: undefined }
    await this.#windows.ready()
    const known = this.#windows.of(call)
    // No tokeniser makes more tokens than there are bytes: most calls are not even parsed.
    const fits = Math.floor(
      (known?.windowTokens ?? Infinity) * leastShare * this.#options.softShare,
    )
    const bytes = Buffer.byteLength(body)
    if (bytes <= fits && !this.#cuts.mayKnow(bytes)) return { call, count: undefined }
    if (!isWhole(call)) return { call, count: undefined }
    const cut = this.#cuts.find(call, bytes)
    const cutCall = cut === undefined ? call : withCut(call, cut)
    const room = known && this.#room(known, call)
    if (room === undefined || Buffer.byteLength(cutCall.http.body ?? '') <= room.softTokens) {
      return { call: this.#sent(call, cutCall), count: undefined }
    }
    let count = this.#counter.estimate(cutCall)
    if (count.tokens > room.softTokens * closeShare) count = await this.#counter.count(cutCall)
    if (count.tokens <= room.softTokens) return { call: this.#sent(call, cutCall), count }
    const shorter = await this.#shorten(call, cutCall, cut, count, room)
    if (shorter !== undefined) return { call: this.#sent(call, shorter.call), count: shorter.count }
    if (count.isSure && count.tokens > room.inputTokens && this.#options.mode === 'compact') {
      throw tooLong(call, count.tokens, room)
    }
    return { call: this.#sent(call, cutCall), count }
  }

  /** The call that the provider has called too long, made shorter; undefined where that cannot be done. */
  async rescue(
    sent: LlmCall,
    original: LlmCall,
    overflow: Overflow,
  ): Promise<Prepared | undefined> {
    if (this.#options.mode === 'observe' || !this.#options.rescue) return undefined
    if (!isWhole(original)) return undefined
    let count = await this.#counter.count(sent)
    const { inputTokens = count.tokens, windowTokens: said = Infinity } = overflow
    // What the provider counts is what counts, as long as it can be meant.
    if (inputTokens < count.tokens * 3 && inputTokens > count.tokens / 3) {
      if (said < inputTokens) this.#windows.learn(original, said)
      count.learn({ inputTokens })
      count = await this.#counter.count(sent)
    }
    await this.#windows.ready()
    const known = this.#windows.of(original)
    const windowTokens = Math.min(known?.windowTokens ?? Infinity, count.tokens)
    const room = this.#room({ ...known, windowTokens }, original)
    const cut = sent === original ? undefined : this.#cuts.find(original, Infinity)
    return this.#shorten(original, sent, cut, count, room, 'overflow')
  }

  #room(window: ContextWindow, { request }: LlmCall): Room {
    const { windowTokens } = window
    const least = Math.floor(windowTokens * leastShare)
    const { softShare, hardShare, targetShare } = this.#options
    const asked = request.maxOutputTokens ?? window.answerTokens ?? this.#options.answerTokens
    const inputTokens = Math.max(windowTokens - asked, least)
    return {
      windowTokens,
      inputTokens,
      softTokens: Math.floor(inputTokens * softShare),
      hardTokens: Math.floor(inputTokens * hardShare),
      targetTokens: Math.floor(inputTokens * targetShare),
    }
  }

  async #shorten(
    original: LlmCall,
    call: LlmCall,
    cut: Cut | undefined,
    count: TokenCount,
    room: Room,
    why?: Reason,
  ): Promise<Prepared | undefined> {
    const reason = why ?? (count.tokens > room.hardTokens ? 'hard' : 'soft')
    if (reason === 'soft' && !this.#cuts.isWorthTrying(original, count.tokens)) return undefined
    const made = await this.#compacted(call, count, room, reason)
    const tokens = made?.tokens ?? count.tokens
    this.#cuts.tried(original, count.tokens, count.tokens - tokens)
    if (made === undefined) return undefined
    const next = remembered(cut, made)
    this.#cuts.add(original, next, Buffer.byteLength(original.http.body ?? ''))
    const shorter = withCut(original, next)
    original.emit({
      type: 'context-compacted',
      reason,
      strategies: made.strategies,
      inputTokens: count.tokens,
      compactedTokens: tokens,
      windowTokens: room.windowTokens,
      droppedMessages: made.dropped.length,
      enforced: this.#options.mode === 'compact',
    })
    return { call: shorter, count: await this.#counter.count(shorter) }
  }

  async #compacted(
    call: LlmCall,
    count: TokenCount,
    room: Room,
    reason: Reason,
  ): Promise<Compacted | undefined> {
    const { keepNewest, pin } = this.#options
    const compacting = {
      messages: call.request.messages,
      format: call.format.name,
      tokens: count.tokens,
      targetTokens: room.targetTokens,
      limitTokens: room.softTokens,
      keepNewest,
      pin,
      insideRun: false,
      weigh: count.weigh,
    }
    const outside = await compact(compacting)
    if (outside !== undefined) return outside
    // Then what the current run itself has done, and at last all of it but the newest step.
    const limitTokens = reason === 'soft' ? room.softTokens : room.hardTokens
    const inside = await compact({ ...compacting, limitTokens, insideRun: true })
    if (inside !== undefined || reason === 'soft') return inside
    return compact({ ...compacting, limitTokens: room.inputTokens, insideRun: true, keepNewest: 1 })
  }

  #sent(original: LlmCall, changed: LlmCall): LlmCall {
    return this.#options.mode === 'observe' ? original : changed
  }
}

/** Estimates may be off by so much before they are more than a limit: then a tokeniser is asked. */
const closeShare = 0.7

/** However long an answer may be, so much of the window is for the input. */
const leastShare = 1 / 4

/** Only a request that says all of its conversation can be made shorter here; some have the provider do it. */
function isWhole({ request: { extra } }: LlmCall): boolean {
  return (
    (extra['previous_response_id'] ?? null) === null &&
    (extra['conversation'] ?? null) === null &&
    extra['truncation'] !== 'auto' &&
    extra['context_management'] === undefined
  )
}

function withCut(call: LlmCall, { covered, standing }: Cut): LlmCall {
  const { request } = call
  const messages = [...standing, ...request.messages.slice(covered)]
  return call.with({ request: { ...request, messages } })
}

/** What was cut from a conversation that was cut before, in terms of the conversation as it comes. */
function remembered(before: Cut | undefined, made: Compacted): Cut {
  const standing = made.messages.slice(0, made.standing)
  if (before === undefined) return { covered: made.covered, standing, dropped: made.dropped }
  const more = made.covered - before.standing.length
  const old = new Set(before.standing)
  return {
    covered: before.covered + Math.max(0, more),
    standing: more < 0 ? [...standing, ...before.standing.slice(made.covered)] : standing,
    dropped: [...before.dropped, ...made.dropped.filter((message) => !old.has(message))],
  }
}

function learning(reply: LlmReply, count: TokenCount | undefined): LlmReply {
  if (count === undefined || reply.failure !== undefined) return reply
  let usage: Usage | undefined
  return watchReply(reply, {
    frame({ events }) {
      for (const event of events) if (event.type === 'usage') usage = { ...usage, ...event.usage }
    },
    end() {
      if (usage !== undefined) count.learn(usage)
    },
  })
}

function tooLong(call: LlmCall, tokens: number, room: Room): HoldfastError {
  return new HoldfastError(
    'CONTEXT_TOO_LONG',
    `the request has ${tokens} tokens, and ${call.model} takes ${room.inputTokens} beside its answer (window ${room.windowTokens}); nothing that may be left out makes it fit: shorten the task, the newest messages or what is pinned`,
  )
}
