import { HoldfastError, isContinuation, watchReply } from '@holdfast/core'
import type { Interceptor, LlmCall, LlmReply, Message, Next, Usage } from '@holdfast/core'
import { compact } from './compact/compact.ts'
import type { Compacted } from './compact/compact.ts'
import { Cuts } from './compact/cuts.ts'
import type { Cut, KnownCut } from './compact/cuts.ts'
import { KeptCuts } from './compact/kept-cuts.ts'
import type { CutStore } from './compact/kept-cuts.ts'
import { summariser } from './compact/summarise.ts'
import { TokenCounter } from './count/token-counter.ts'
import type { TokenCount } from './count/token-counter.ts'
import type { ContextOptions, ContextWindow } from './options.ts'
import { ContextGate } from './gate/context-gate.ts'
import { answerRecalls } from './recall/answer-recalls.ts'
import { recallName, recallTool } from './recall/recall-tool.ts'
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
export function context(
  options: ContextOptions = {},
  { bug = () => {}, cuts }: ContextPorts = {},
): Interceptor {
  const keeper = new ContextKeeper(options, cuts && new KeptCuts(cuts, bug))
  // What breaks here breaks nothing: the call goes on as it is. What is refused on purpose is refused.
  const orElse = async <T>(work: () => T | Promise<T>, otherwise: T, { signal }: LlmCall) => {
    try {
      return await work()
    } catch (error) {
      if (HoldfastError.is(error) || signal.aborted) throw error
      bug(error)
      return otherwise
    }
  }
  return async function context(asked, next) {
    if (asked.operation !== 'chat') return next(asked)
    const call = await orElse(() => keeper.gate(asked), asked, asked)
    const untouched: Prepared = { call, count: undefined }
    const prepared = await orElse(() => keeper.prepare(call, next), untouched, call)
    const reply = await next(prepared.call)
    const overflow = overflowOf(reply.failure)
    if (overflow === undefined) return received(reply, prepared, next)
    const shorter = await orElse(
      () => keeper.rescue(prepared.call, call, next, overflow),
      undefined,
      call,
    )
    if (shorter === undefined) return reply
    await reply.cancel()
    return received(await next(shorter.call), shorter, next)
  }
}

/** What the context policy needs of others. */
export interface ContextPorts {
  /** Told what broke in it. */
  readonly bug?: (error: unknown) => void
  /** Where what was cut from the conversations of sessions is kept. @default in this process */
  readonly cuts?: CutStore | undefined
}

interface Prepared {
  readonly call: LlmCall
  readonly count: TokenCount | undefined
  /** What the model may ask for. */
  readonly recallable?: readonly Message[] | undefined
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
    Pick<ContextOptions, 'pin' | 'summarise' | 'recall'>
  readonly #windows: Windows
  readonly #counter = new TokenCounter()
  readonly #cuts: Cuts
  readonly #gate: ContextGate | undefined
  readonly #kept: KeptCuts | undefined

  constructor(options: ContextOptions, kept: KeptCuts | undefined) {
    this.#kept = options.mode === 'observe' ? undefined : kept
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
    const { gate = false, pin } = options
    this.#gate = gate === false ? undefined : new ContextGate(gate, pin)
    // What can be fetched back is kept.
    this.#cuts = new Cuts(options.recall === true ? 64 : 256)
  }

  /** The call without results that do more harm than good. */
  gate(call: LlmCall): LlmCall {
    if (this.#gate === undefined) return call
    const enforced = this.#options.mode === 'compact'
    const gated = this.#gate.apply(call)
    for (const { reason, tool } of gated.news) {
      call.emit({
        type: 'decision-made',
        decision: {
          policy: 'context.gate',
          verdict: 'change',
          enforced,
          rule: `context.${reason}`,
          reason: 'a result of a tool was cut before the model reads it',
          subject: { kind: 'tool', name: tool },
          callId: call.id,
          run: call.run,
        },
      })
    }
    return enforced ? gated.call : call
  }

  /** The call as it goes out: as it came, unless its conversation has become too long. */
  async prepare(call: LlmCall, next: Next): Promise<Prepared> {
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
    await this.#kept?.restore(call, this.#cuts)
    const cut = this.#cuts.find(call, bytes)
    const cutCall = cut === undefined ? call : this.#withCut(call, cut)
    const room = known && this.#room(known, call)
    if (room === undefined || Buffer.byteLength(cutCall.http.body ?? '') <= room.softTokens) {
      return this.#sent(call, cutCall, undefined, cut)
    }
    let count = this.#counter.estimate(cutCall)
    if (count.tokens > room.softTokens * closeShare) count = await this.#counter.count(cutCall)
    if (count.tokens <= room.softTokens) return this.#sent(call, cutCall, count, cut)
    const shorter = await this.#shorten({ original: call, call: cutCall, cut, count, room, next })
    if (shorter !== undefined) return shorter
    if (count.isSure && count.tokens > room.inputTokens && this.#options.mode === 'compact') {
      throw tooLong(call, count.tokens, room)
    }
    return this.#sent(call, cutCall, count, cut)
  }

  /** The call that the provider has called too long, made shorter; undefined where that cannot be done. */
  async rescue(
    sent: LlmCall,
    original: LlmCall,
    next: Next,
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
    return this.#shorten({ original, call: sent, cut, count, room, next, why: 'overflow' })
  }

  #room(window: ContextWindow, { request }: LlmCall): Room {
    const { windowTokens } = window
    const least = Math.floor(windowTokens * leastShare)
    const { softShare, hardShare, targetShare } = this.#options
    const asked = request.maxOutputTokens ?? window.answerTokens ?? this.#options.answerTokens
    const most = window.inputTokens ?? windowTokens
    const inputTokens = Math.min(most, Math.max(windowTokens - asked, least))
    return {
      windowTokens,
      inputTokens,
      softTokens: Math.floor(inputTokens * softShare),
      hardTokens: Math.floor(inputTokens * hardShare),
      targetTokens: Math.floor(inputTokens * targetShare),
    }
  }

  async #shorten({ why, ...task }: Task): Promise<Prepared | undefined> {
    const { original, cut, count, room } = task
    const reason = why ?? (count.tokens > room.hardTokens ? 'hard' : 'soft')
    const fits = count.tokens <= room.inputTokens && why === undefined
    // It still fits: what was in vain before is not tried again at every turn.
    if (fits && !this.#cuts.isWorthTrying(original, reason, count.tokens)) return undefined
    const made = await this.#compacted(task, reason)
    const tokens = made?.tokens ?? count.tokens
    this.#cuts.tried(original, reason, count.tokens, count.tokens - tokens)
    if (made === undefined) return undefined
    const next = remembered(cut, made, this.#options.recall === true)
    const bytes = Buffer.byteLength(original.http.body ?? '')
    const known = this.#cuts.add(original, next, bytes)
    this.#kept?.save(original, known, cut, bytes)
    const shorter = this.#withCut(original, next)
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
    return this.#sent(original, shorter, await this.#counter.count(shorter), next)
  }

  async #compacted(
    { original, call, count, room, next }: Omit<Task, 'why'>,
    reason: Reason,
  ): Promise<Compacted | undefined> {
    const { keepNewest, pin, summarise, mode, recall = false } = this.#options
    const summaries =
      summarise === undefined || summarise === false || mode === 'observe'
        ? undefined
        : { ask: summariser(summarise, original, next), most: summarise.maxPerConversation ?? 8 }
    let isAsked = false
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
      canRecall: recall && mayBeOffered(original),
      // Once for each attempt: a model that is asked costs time and money.
      summarise: async (dropped: readonly Message[]) => {
        if (summaries === undefined || isAsked) return undefined
        if (!this.#cuts.maySummarise(original, summaries.most)) return undefined
        isAsked = true
        return summaries.ask(dropped)
      },
    }
    const outside = await compact(compacting)
    if (outside !== undefined || reason === 'soft') return outside
    // Then what the current run itself has done, and at last all of it but the newest step.
    const inside = await compact({
      ...compacting,
      limitTokens: room.hardTokens,
      insideRun: true,
    })
    if (inside !== undefined) return inside
    const least = { ...compacting, insideRun: true, keepNewest: 1 }
    const fitting = await compact({ ...least, limitTokens: room.inputTokens })
    if (fitting !== undefined || (count.isSure && reason !== 'overflow')) return fitting
    // What is only estimated may fit all the same: the provider decides.
    return compact({ ...least, limitTokens: Math.floor(count.tokens * muchShorter) })
  }

  #sent(
    original: LlmCall,
    changed: LlmCall,
    count: TokenCount | undefined,
    cut: Cut | undefined,
  ): Prepared {
    if (this.#options.mode === 'observe') {
      return { call: original, count: changed === original ? count : undefined }
    }
    return { call: changed, count, recallable: isOffered(changed) ? cut?.dropped : undefined }
  }

  #withCut(call: LlmCall, { covered, standing, dropped }: Cut): LlmCall {
    const { request } = call
    const messages = [...standing, ...request.messages.slice(covered)]
    const offers = this.#options.recall === true && dropped.length > 0 && mayBeOffered(call)
    const tools = offers ? [...request.tools, recallTool] : request.tools
    return call.with({ request: { ...request, messages, tools } })
  }
}

/** A conversation that is made shorter. */
interface Task {
  /** As the application made it, and as it would go out. */
  readonly original: LlmCall
  readonly call: LlmCall
  readonly cut: KnownCut | undefined
  readonly count: TokenCount
  readonly room: Room
  readonly next: Next
  readonly why?: Reason
}

/** Who has no tools, or must not use them, gets none. */
function mayBeOffered({ request: { tools, toolChoice } }: LlmCall): boolean {
  return (
    tools.length > 0 &&
    (toolChoice === undefined || toolChoice === 'auto') &&
    tools.every(({ name }) => name !== recallName)
  )
}

function isOffered({ request }: LlmCall): boolean {
  return request.tools.includes(recallTool)
}

/** What is no shorter than that is not worth another request. */
const muchShorter = 0.8

/** Estimates may be off by so much before they are more than a limit: then a tokeniser is asked. */
const closeShare = 0.7

/** However long an answer may be, so much of the window is for the input. */
const leastShare = 1 / 4

/** Only a request that says all of its conversation can be made shorter here; some have the provider do it. */
function isWhole({ request }: LlmCall): boolean {
  const { extra } = request
  return (
    !isContinuation(request) &&
    extra['truncation'] !== 'auto' &&
    extra['context_management'] === undefined
  )
}

/** What was cut from a conversation that was cut before, in terms of the conversation as it comes. */
function remembered(before: Cut | undefined, made: Compacted, keepsDropped: boolean): Cut {
  const gone = keepsDropped ? made.dropped : []
  const standing = made.messages.slice(0, made.standing)
  if (before === undefined) return { covered: made.covered, standing, dropped: gone }
  const more = made.covered - before.standing.length
  const old = new Set(before.standing)
  return {
    covered: before.covered + Math.max(0, more),
    standing: more < 0 ? [...standing, ...before.standing.slice(made.covered)] : standing,
    dropped: [...before.dropped, ...gone.filter((message) => !old.has(message))],
  }
}

/** Hands a reply on, learns from it, and answers what is Holdfast's to answer. */
async function received(
  reply: LlmReply,
  { call, count, recallable }: Prepared,
  next: Next,
): Promise<LlmReply> {
  const learnt = learning(reply, count)
  return recallable === undefined ? learnt : answerRecalls(learnt, call, recallable, next)
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
