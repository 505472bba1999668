import { Recent } from '../../recent.ts'
import type { LoopOptions, LoopPattern } from './options.ts'

/** One step of an agent: a call and what came of it, or a text and what was said to it. Told by hashes. */
export interface Step {
  /** Undefined for a text. */
  readonly tool: string | undefined
  /** Of the tool and its canonical arguments; of the text. */
  readonly call: string
  /** Of the result; of what was said to the text. */
  readonly result: string
  readonly failed: boolean
}

/** A loop, as the latest step shows it. */
export interface FoundLoop {
  readonly pattern: LoopPattern
  readonly tools: readonly string[]
  readonly times: number
  /** The calls that take part. */
  readonly calls: ReadonlySet<string>
}

/** So many steps are looked back at. */
const longestWindow = 64
/** So many different calls and results are remembered. */
const mostKnown = 256

/**
 * The steps of one conversation, and whether the latest one shows that it goes in circles. Nothing counts across news:
 * a call that was never made, or a result that was never seen. Each step costs the same, however long the conversation.
 */
export class StepPattern {
  readonly #repeats: number
  readonly #pingPongs: number
  readonly #withoutProgress: number
  readonly #allowed: Readonly<Record<string, number>>
  readonly #polling: ReadonlySet<string>
  readonly #window: Step[] = []
  readonly #calls = new Recent<Counted>(mostKnown)
  readonly #results = new Recent<true>(mostKnown)
  /** How many steps in a row brought no news. */
  #stale = 0
  #news = 0

  constructor(options: LoopOptions) {
    const { repeats = 3, pingPongs = 3, withoutProgress = 6 } = options
    this.#repeats = repeats
    this.#pingPongs = pingPongs
    this.#withoutProgress = withoutProgress
    this.#allowed = options.allowRepeats ?? {}
    this.#polling = new Set(options.polling)
  }

  /** Takes a step; the loop that it shows, if it shows one. */
  add(step: Step): FoundLoop | undefined {
    if (step.tool !== undefined && this.#polling.has(step.tool)) return undefined
    this.#window.push(step)
    if (this.#window.length > longestWindow) this.#window.shift()
    const times = this.#count(step)
    return this.#pingPong(step) ?? this.#repeated(step, times) ?? this.#noProgress()
  }

  /** What the call came to the last time. */
  resultOf(call: string): string | undefined {
    return this.#calls.get(call)?.result
  }

  /** Whether the latest step brought something new: a loop is over then. */
  get progressing(): boolean {
    return this.#stale === 0
  }

  /** How often the call has had this result since the last news. */
  #count({ tool, call, result, failed }: Step): number {
    const known = this.#calls.get(call)
    const seen = `${tool ?? ''} ${result}`
    // Another call with the same error tells nothing.
    const isNews = this.#results.get(seen) === undefined || (known === undefined && !failed)
    this.#results.set(seen, true)
    if (isNews) {
      this.#stale = 0
      this.#news++
    } else if (tool === undefined || this.#allowed[tool] === undefined) this.#stale++
    // The first of its kind is news itself.
    const goesOn = known?.result === result && known.news === this.#news
    const times = goesOn ? known.times + 1 : 1
    this.#calls.set(call, { result, times, news: this.#news })
    return times
  }

  #repeated({ tool, call }: Step, times: number): FoundLoop | undefined {
    const most = (tool === undefined ? undefined : this.#allowed[tool]) ?? this.#repeats
    if (times < most || this.#turns >= 4) return undefined
    const tools = tool === undefined ? [] : [tool]
    return { pattern: 'repeat', tools, times, calls: new Set([call]) }
  }

  /** A B A B A B, each with the same result as before. */
  #pingPong(last: Step): FoundLoop | undefined {
    const before = this.#window.at(-2)
    const times = Math.floor(this.#turns / 2)
    if (before === undefined || times < this.#pingPongs) return undefined
    const both = [before, last]
    const tools = [...new Set(both.flatMap(({ tool }) => tool ?? []))]
    if (tools.some((tool) => this.#allowed[tool] !== undefined)) return undefined
    return { pattern: 'ping-pong', tools, times, calls: new Set(both.map(({ call }) => call)) }
  }

  /** How many of the latest steps were two in turn; 0 where the last two are the same. */
  get #turns(): number {
    const last = this.#window.at(-1)
    const before = this.#window.at(-2)
    if (last === undefined || before === undefined || isSame(last, before)) return 0
    let steps = 0
    for (let at = this.#window.length - 1; at >= 0; at--, steps++) {
      const step = this.#window[at]
      if (step === undefined || !isSame(step, steps % 2 === 0 ? last : before)) break
    }
    return steps
  }

  #noProgress(): FoundLoop | undefined {
    if (this.#stale < this.#withoutProgress) return undefined
    const steps = this.#window.slice(-this.#withoutProgress)
    const tools = [...new Set(steps.flatMap(({ tool }) => tool ?? []))]
    const calls = new Set(steps.map(({ call }) => call))
    return { pattern: 'no-progress', tools, times: this.#stale, calls }
  }
}

interface Counted {
  readonly result: string
  readonly times: number
  /** How much news there had been. */
  readonly news: number
}

function isSame(a: Step, b: Step): boolean {
  return a.call === b.call && a.result === b.result
}
