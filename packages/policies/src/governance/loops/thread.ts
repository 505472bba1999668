import { hash } from 'node:crypto'
import { canonicalArguments } from '@holdfast/core'
import type { AssembledToolCall, Part, ToolResultPart } from '@holdfast/core'
import type { LoopMessage, LoopOptions } from './options.ts'
import { StepPattern } from './step-pattern.ts'
import type { FoundLoop } from './step-pattern.ts'

const mostMessages = 8
const mostPending = 128

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
  /** The last reply without a tool call: what is said to it comes with the next request. */
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

  waitsFor(id: string): boolean {
    return this.#pending.some((pending) => pending.id === id)
  }

  /** True where the results may be those of calls without ids, or whose ids the framework has made anew. */
  mayWaitFor(results: readonly ToolResultPart[]): boolean {
    return this.#pending.length === results.length
  }

  /** A reply of the model. */
  proposed(text: string, calls: readonly AssembledToolCall[]): void {
    if (text !== '') this.#remember('assistant', undefined, text)
    this.#said = calls.length === 0 && text !== '' ? hashOf(text) : undefined
    for (const { id, name, arguments: given } of calls) {
      this.#remember('assistant', name, given)
      this.#pending.push({ id, tool: name, call: callHash(name, given) })
    }
    if (this.#pending.length > mostPending) this.#pending = this.#pending.slice(-mostPending)
  }

  /**
   * What came after the last reply; nothing is said to it where the request begins anew. Several results of one reply
   * show at most one loop: the worst.
   */
  answered(results: readonly ToolResultPart[], said: string | undefined): FoundLoop | undefined {
    const steps = new Map<string, Parameters<StepPattern['add']>[0]>()
    const inOrder = !results.some(({ id }) => this.waitsFor(id)) && this.mayWaitFor(results)
    for (const [index, result] of results.entries()) {
      const at = inOrder ? index : this.#pending.findIndex(({ id }) => id === result.id)
      const pending = this.#pending[at]
      if (pending === undefined) continue
      if (!inOrder) this.#pending.splice(at, 1)
      const text = textOf(result.parts)
      this.#remember('tool', pending.tool, text)
      const { tool, call } = pending
      const step = { tool, call, result: hashOf(text), failed: result.isError === true }
      // The same call twice at once is no circle.
      steps.set(`${call} ${step.result}`, step)
    }
    if (inOrder) this.#pending = []
    if (this.#said !== undefined && said !== undefined) {
      const call = this.#said
      steps.set(call, { tool: undefined, call, result: hashOf(said), failed: false })
    }
    this.#said = undefined
    let found: FoundLoop | undefined
    for (const step of steps.values()) {
      const loop = this.pattern.add(step)
      if (loop !== undefined && (found === undefined || loop.times > found.times)) found = loop
    }
    return found
  }

  #remember(role: LoopMessage['role'], tool: string | undefined, text: string): void {
    this.#messages.push({
      role,
      ...(tool === undefined ? {} : { tool }),
      characters: text.length,
      hash: hashOf(text),
      ...(this.#showContent ? { text: text.slice(0, 2_000) } : {}),
    })
    if (this.#messages.length > mostMessages) this.#messages.shift()
  }
}

/** One call of a tool, whatever order its arguments came in. */
export function callHash(tool: string, given: unknown): string {
  return `${tool} ${canonicalArguments(given).hash.slice(0, 24)}`
}

/** All text of some parts. */
export function textOf(parts: readonly Part[]): string {
  let text = ''
  for (const part of parts) {
    switch (part.type) {
      case 'text':
      case 'reasoning':
      case 'refusal':
        text += part.text
        break
      case 'tool-call':
        break
      case 'tool-result':
        text += textOf(part.parts)
        break
      default:
        text += JSON.stringify(part)
    }
  }
  return text
}

function hashOf(text: string): string {
  return hash('sha256', text).slice(0, 24)
}
