import type { LlmRequest, Message, Part, Run, ToolResultPart } from '@holdfast/core'
import { Recent } from '../recent.ts'
import type { LoopOptions } from './options.ts'
import type { FoundLoop } from './step-pattern.ts'
import { textOf, Thread } from './thread.ts'

const mostRuns = 5_000
const mostThreads = 16
const mostOutside = 1_000

/** Which conversation a call goes on with. */
export class Threads {
  readonly #options: LoopOptions
  readonly #ofRun = new Recent<Thread[]>(mostRuns)
  /** Calls outside of any run are told apart by the ids of their tool calls alone. */
  readonly #outside = new Recent<Thread>(mostOutside)

  constructor(options: LoopOptions) {
    this.#options = options
  }

  /** The conversations of a run. */
  of(run: Run): readonly Thread[] {
    return this.#ofRun.get(run.id) ?? []
  }

  /** The conversation that a request goes on with, or a new one; and the loop that its latest results show. */
  goOn(
    run: Run | undefined,
    request: () => LlmRequest,
  ): { readonly thread: Thread; readonly found: FoundLoop | undefined } {
    if (run === undefined) return this.#goOnOutside(request)
    const threads = this.#ofRun.take(run.id, () => [])
    if (!threads.some(({ awaits }) => awaits)) {
      return { thread: threads.find(({ idle }) => idle) ?? this.#begin(threads), found: undefined }
    }
    const { results, said, begins } = tailOf(request().messages)
    const thread =
      threads.find((one) => results.some(({ id }) => one.waitsFor(id))) ??
      threads.find((one) => results.length > 0 && one.mayWaitFor(results)) ??
      threads.findLast(({ idle }) => idle) ??
      // A conversation that goes on, though nothing of it is known any more.
      (begins ? undefined : threads.findLast(({ underWay }) => underWay === 0)) ??
      this.#begin(threads)
    return { thread, found: thread.answered(results, begins ? undefined : said) }
  }

  /** For calls outside of a run: the conversation waits for these. */
  awaits(thread: Thread, ids: readonly string[]): void {
    for (const id of ids) if (id.length >= shortestId) this.#outside.set(id, thread)
  }

  #goOnOutside(request: () => LlmRequest): { thread: Thread; found: FoundLoop | undefined } {
    if (this.#outside.size > 0) {
      const { results } = tailOf(request().messages)
      for (const { id } of results) {
        const thread = this.#outside.get(id)
        if (thread === undefined) continue
        for (const { id } of results) this.#outside.delete(id)
        return { thread, found: thread.answered(results, undefined) }
      }
    }
    return { thread: new Thread(this.#options), found: undefined }
  }

  #begin(threads: Thread[]): Thread {
    const thread = new Thread(this.#options)
    threads.push(thread)
    if (threads.length > mostThreads) threads.shift()
    return thread
  }
}

/** Ids that are made anew for each conversation are told apart by nothing but chance. */
const shortestId = 8

interface Tail {
  /** Results since the last reply. */
  readonly results: readonly ToolResultPart[]
  /** What else was said since then. */
  readonly said: string
  /** There is no reply before. */
  readonly begins: boolean
}

/** What came after the last reply of the model. */
function tailOf(messages: readonly Message[]): Tail {
  let at = messages.length
  while (at > 0 && messages[at - 1]?.role !== 'assistant') at--
  const parts = messages.slice(at).flatMap((message): readonly Part[] => message.parts)
  const results = parts.filter((part) => part.type === 'tool-result')
  const said = textOf(parts.filter((part) => part.type !== 'tool-result'))
  return { results, said, begins: at === 0 }
}
