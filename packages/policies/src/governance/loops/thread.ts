import { hash } from 'node:crypto'
import { canonicalArguments } from '@holdfast/core'
import type { AssembledToolCall, Message } from '@holdfast/core'
import { Recent } from '../../recent.ts'
import type { LoopMessage, LoopOptions } from './options.ts'
import type { Result } from './read-results.ts'
import { StepPattern } from './step-pattern.ts'
import type { FoundLoop, Step } from './step-pattern.ts'
import { textOf } from './text-of.ts'

const mostMessages = 8
const mostPending = 128
const mostTexts = 128

/** A tool call that waits for its result. */
interface Pending {
  readonly id: string
  readonly tool: string
  readonly call: string
}

/**
 * One conversation of a run: what its model proposed in each reply, and what came of it. It grows by what is new alone,
 * so that it makes no difference whether a framework has cut or rewritten the messages before.
 */
export class Thread {
  readonly pattern: StepPattern
  readonly #showContent: boolean
  readonly #messages: LoopMessage[] = []
  #pending: Pending[] = []
  readonly #texts = new Recent<true>(mostTexts)
  /** Texts whose repeats are counted already. */
  readonly #counted = new Recent<true>(mostTexts)
  /** The last reply, where it was a text that was said before: what is said to it comes with the next request. */
  #said: string | undefined
  /** Model calls under way. */
  underWay = 0
  /** How often in a row a loop was seen. */
  level = 0
  /** Calls that are not to be made again. */
  refused: ReadonlySet<string> = new Set()

  constructor(options: LoopOptions) {
    this.pattern = new StepPattern(options)
    this.#showContent = options.showContent === true
  }

  /** Nobody else works on it, and nothing is awaited. */
  get idle(): boolean {
    return this.underWay === 0 && this.#pending.length === 0
  }

  get awaits(): boolean {
    return this.#pending.length > 0 || this.#said !== undefined
  }

  /** The last messages, the latest last. */
  get messages(): readonly LoopMessage[] {
    return this.#messages
  }

  /** What it waits for can only be found by reading the request. */
  get needsReading(): boolean {
    return this.#said !== undefined || this.#pending.some(({ id }) => id === '')
  }

  get ids(): readonly string[] {
    return this.#pending.map(({ id }) => id)
  }

  waitsFor(id: string): boolean {
    return this.#pending.some((pending) => pending.id === id)
  }

  /** True where the results may be those of calls without ids, or whose ids the framework has made anew. */
  mayWaitFor(results: readonly Result[]): boolean {
    return this.#pending.length === results.length
  }

  /** A model call is not under way any more. */
  over(): void {
    this.underWay = Math.max(0, this.underWay - 1)
  }

  /** A reply of the model. */
  proposed(text: string, calls: readonly AssembledToolCall[]): void {
    const hashed = text === '' ? '' : hashOf(text)
    if (text !== '') this.#remember('assistant', undefined, text, hashed)
    this.#said = undefined
    if (calls.length === 0 && text !== '') {
      const trimmed = text.trim()
      const said = trimmed === text ? hashed : hashOf(trimmed)
      // A text that was never said is news, whatever is said to it.
      if (this.#texts.get(said) !== undefined) this.#said = said
      this.#texts.set(said, true)
    }
    for (const { id, name, arguments: given } of calls) {
      this.#remember('assistant', name, given)
      this.#pending.push({ id, tool: name, call: callHash(name, given) })
    }
    if (this.#pending.length > mostPending) this.#pending = this.#pending.slice(-mostPending)
  }

  /** The results of the last reply's calls. Several of one reply show at most one loop: the worst. */
  answered(results: readonly Result[]): FoundLoop | undefined {
    const steps = new Map<string, Step>()
    const inOrder = !results.some(({ id }) => this.waitsFor(id)) && this.mayWaitFor(results)
    for (const [index, { id, text, failed }] of results.entries()) {
      const at = inOrder ? index : this.#pending.findIndex((pending) => pending.id === id)
      const pending = this.#pending[at]
      if (pending === undefined) continue
      if (!inOrder) this.#pending.splice(at, 1)
      const { tool, call } = pending
      this.#remember('tool', tool, text)
      // That it was refused is no news to the model.
      const before = this.refused.has(call) ? this.pattern.resultOf(call) : undefined
      const step = { tool, call, result: before ?? hashOf(text), failed }
      // The same call twice at once is no circle.
      steps.set(`${call} ${step.result}`, step)
    }
    if (inOrder) this.#pending = []
    return this.#add([...steps.values()])
  }

  /** The messages of a request that may go on with the last text. */
  said(messages: readonly Message[]): FoundLoop | undefined {
    const call = this.#said
    this.#said = undefined
    if (call === undefined || !isText(messages.findLast(isReply), call)) return undefined
    const steps = messages.flatMap((message, at): Step[] => {
      if (!isText(message, call)) return []
      const end = messages.findIndex((later, index) => index > at && isReply(later))
      const said = messages.slice(at + 1, end < 0 ? messages.length : end)
      const result = hashOf(said.map(({ parts }) => textOf(parts)).join('\n'))
      return [{ tool: undefined, call, result, failed: false }]
    })
    // The first time nobody knew that it would be said again.
    const known = this.#counted.get(call) === true
    this.#counted.set(call, true)
    return this.#add(known ? steps.slice(-1) : steps)
  }

  /** Nobody answers these any more. */
  forget(): void {
    this.#pending = []
  }

  #add(steps: readonly Step[]): FoundLoop | undefined {
    let found: FoundLoop | undefined
    for (const step of steps) {
      const loop = this.pattern.add(step)
      if (loop !== undefined && (found === undefined || loop.times > found.times)) found = loop
    }
    return found
  }

  #remember(
    role: LoopMessage['role'],
    tool: string | undefined,
    text: string,
    hashed: string = hashOf(text),
  ): void {
    this.#messages.push({
      role,
      ...(tool === undefined ? {} : { tool }),
      characters: text.length,
      hash: hashed,
      ...(this.#showContent ? { text: text.slice(0, 2_000) } : {}),
    })
    if (this.#messages.length > mostMessages) this.#messages.shift()
  }
}

/** One call of a tool, whatever order its arguments came in. */
export function callHash(tool: string, given: unknown): string {
  return `${tool} ${canonicalArguments(given).hash.slice(0, 24)}`
}

function isReply({ role }: Message): boolean {
  return role === 'assistant'
}

function isText(message: Message | undefined, hashed: string): boolean {
  return message?.role === 'assistant' && hashOf(textOf(message.parts).trim()) === hashed
}

function hashOf(text: string): string {
  return hash('sha256', text).slice(0, 24)
}
