import { HoldfastError } from '@holdfast/core'
import type { AssembledToolCall, Interceptor, LlmCall, ToolCall } from '@holdfast/core'
import type { Observer } from '../../observing.ts'
import { decide } from '../decide.ts'
import { escalate, whose } from '../escalation.ts'
import type { Escalation } from '../escalation.ts'
import { withLateNote } from '../late-note.ts'
import type { RunTallies } from '../run-tallies.ts'
import type { SpareTime } from '../spare-time.ts'
import { describe, LoopDetectedError } from './loop-detected-error.ts'
import type { LoopFinding, LoopOptions } from './options.ts'
import type { FoundLoop } from './step-pattern.ts'
import { callHash, Thread } from './thread.ts'
import { Threads } from './threads.ts'
import { WatchedCall } from './watched-call.ts'
import type { Conversations } from './watched-call.ts'

/** Whom loops are told to. */
export interface LoopPorts {
  readonly tallies: RunTallies
  readonly spareTime: SpareTime
  readonly onEscalate?: ((escalation: Escalation) => unknown) | undefined
}

/** What a call carries inwards when a loop was seen. */
interface Advice {
  readonly note: string
  /** The model may call no tool in this one. */
  readonly withoutTools: boolean
}

/**
 * Watches whether agents go in circles. It learns from each reply what the model wants to do, and from the next request
 * of the conversation what came of it; nothing else of the messages is looked at.
 */
export class Loops implements Conversations {
  /** In a place where it may change what is asked; undefined where it only watches. */
  readonly live: Interceptor | undefined
  readonly tool: Interceptor<ToolCall> | undefined
  readonly #threads: Threads
  readonly #mode: NonNullable<LoopOptions['mode']>
  readonly #ports: LoopPorts
  readonly #advice = new Map<string, Advice>()
  /** Replies that were handed up and not learnt from yet: that is done while the next request is under way. */
  #unlearnt: (() => void)[] = []

  constructor(options: LoopOptions, ports: LoopPorts) {
    const { mode = 'observe' } = options
    this.#mode = mode
    this.#threads = new Threads(options)
    this.#ports = ports
    if (mode !== 'observe') this.live = (call, next) => next(this.#advised(call))
    if (mode === 'enforce') this.tool = (call, next) => next(this.#vetted(call))
  }

  readonly llm: Observer = (call) => {
    if (call.operation !== 'chat') return undefined
    return new WatchedCall(call, this, this.#mode === 'observe' ? undefined : this.goOn(call))
  }

  /** The conversation of a call. What goes wrong in watching is no reason to end it. */
  goOn(call: LlmCall): Thread {
    try {
      this.#learn()
      return this.#follow(call)
    } catch (error) {
      if (HoldfastError.is(error)) throw error
      return new Thread({})
    }
  }

  /** Finds the conversation, and does what its latest results ask for. */
  #follow(call: LlmCall): Thread {
    const { thread, found } = this.#threads.goOn(call)
    if (this.#mode === 'enforce' && found === undefined && thread.level > stopLevel) {
      throw new LoopDetectedError(endless, call.run?.id, this.#ports.tallies.of(call.run))
    }
    if (found !== undefined) this.#act(call, thread, found)
    else if (thread.pattern.progressing) {
      thread.level = 0
      thread.refused = none
    }
    thread.underWay++
    return thread
  }

  #act(call: LlmCall, thread: Thread, { calls, ...finding }: FoundLoop): void {
    thread.level++
    const { level } = thread
    const rule = `loops.${finding.pattern}`
    const said = describe(finding)
    const enforced = this.#mode === 'enforce'
    if (level === stopLevel) {
      const { text: _, ...soFar } = this.#ports.tallies.of(call.run)
      escalate(this.#ports.onEscalate, {
        kind: 'loop',
        ...whose(call),
        finding,
        messages: [...thread.messages],
        soFar,
        suggestion: suggestionOf(finding),
      })
    }
    if (enforced && level >= stopLevel) {
      decide(call, { policy, verdict: 'deny', rule, reason: `${said}: the run is ended` })
      thread.level = stopLevel + 1
      throw new LoopDetectedError(finding, call.run?.id, this.#ports.tallies.of(call.run))
    }
    const withoutTools = enforced && level > 1
    if (withoutTools) thread.refused = calls
    const verdict = withoutTools ? 'deny' : 'warn'
    const what = withoutTools ? 'the model may call no tool now' : 'the model is told'
    const reason = this.#mode === 'observe' ? said : `${said}: ${what}`
    decide(call, { policy, verdict, rule, reason, enforced: this.#mode !== 'observe' })
    if (this.#mode === 'observe') return
    const note = withoutTools
      ? `${noteOf(finding)} Tools cannot be called now. Answer with what you know, and say what is missing.`
      : noteOf(finding)
    this.#advice.set(call.id, { note, withoutTools })
  }

  later(work: () => void): void {
    this.#ports.spareTime.later(work)
  }

  answered(call: LlmCall): void {
    if (this.#advice.size > 0) this.#advice.delete(call.id)
  }

  replied(call: LlmCall, thread: Thread, text: string, calls: readonly AssembledToolCall[]): void {
    this.#unlearnt.push(() => {
      thread.proposed(text, calls)
      if (call.run !== undefined) return
      const ids = calls.map(({ id }) => id)
      this.#threads.awaits(thread, ids)
    })
    if (this.#unlearnt.length > mostUnlearnt) this.#learn()
  }

  /** Learns from what was handed up. */
  #learn(): void {
    if (this.#unlearnt.length === 0) return
    const replies = this.#unlearnt
    this.#unlearnt = []
    for (const learn of replies) learn()
  }

  #advised(call: LlmCall): LlmCall {
    const advice = this.#advice.get(call.id)
    if (advice === undefined) return call
    const { note, withoutTools } = advice
    const request = withLateNote(call.request, note) ?? call.request
    if (!withoutTools || request.tools.length === 0) return call.with({ request })
    return call.with({ request: { ...request, toolChoice: 'none' } })
  }

  /** Refuses the very calls that repeat, where the framework makes them all the same. */
  #vetted(call: ToolCall): ToolCall {
    if (call.run === undefined) return call
    const threads = this.#threads.of(call.run).filter(({ refused }) => refused.size > 0)
    if (threads.length === 0) return call
    const asked = callHash(call.name, call.arguments)
    if (!threads.some(({ refused }) => refused.has(asked))) return call
    const reason = `${call.name} was called with these arguments again and again, with the same result`
    decide(call, {
      policy,
      verdict: 'deny',
      rule: 'loops.refused-call',
      reason,
      subject: { kind: 'tool', name: call.name },
    })
    throw new HoldfastError('CALL_REFUSED', `governance.loops: ${reason}; do something else`)
  }
}

const policy = 'governance.loops'
/** The first time the model is told, the second time it may call no tool, the third time the run is ended. */
const stopLevel = 3
const mostUnlearnt = 8
const none: ReadonlySet<string> = new Set()
const endless: LoopFinding = { pattern: 'repeat', tools: [], times: stopLevel }

/** What the model is told: the same for the same loop, whatever its content. */
function noteOf(finding: LoopFinding): string {
  return `You are repeating yourself: ${describe(finding)}. Doing it again will not help. Use what you have already, try something different, or finish and say what keeps you from it.`
}

function suggestionOf({ pattern, tools }: LoopFinding): string {
  const named = tools.join(', ')
  if (tools.length === 0) return 'Look at the prompt: the model finds no way to go on.'
  if (pattern === 'no-progress') {
    return `Look at what ${named} answer: errors and empty results should say what to do instead. If waiting is meant, list the tools in governance.loops.polling.`
  }
  return `Look at what ${named} answers: it does not give the model what it looks for. If repeating is meant, allow it in governance.loops.allowRepeats or polling.`
}
