import type { LlmCall, Message, Run } from '@holdfast/core'
import { jsonText } from '../json-text.ts'
import { Recent } from '../../recent.ts'
import type { LoopOptions } from './options.ts'
import { lastResultIds, resultOfPart, resultsIn } from './read-results.ts'
import type { Result } from './read-results.ts'
import type { FoundLoop } from './step-pattern.ts'
import { Thread } from './thread.ts'

const mostRuns = 1_000
const mostThreads = 16
const mostOutside = 1_000

/** The conversation that a call goes on with, and the loop that its latest results show. */
export interface GoneOn {
  readonly thread: Thread
  readonly found: FoundLoop | undefined
}

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

  goOn(call: LlmCall): GoneOn {
    if (call.run === undefined) return this.#goOnOutside(call)
    const threads = this.#ofRun.take(call.run.id, () => [])
    if (!threads.some(({ awaits }) => awaits)) {
      return { thread: threads.find(({ idle }) => idle) ?? this.#begin(threads), found: undefined }
    }
    return this.#byIds(call, threads) ?? this.#byReading(call, threads)
  }

  /** For calls outside of a run: the conversation waits for these. */
  awaits(thread: Thread, ids: readonly string[]): void {
    for (const id of ids) if (id.length >= shortestId) this.#outside.set(id, thread)
  }

  /** Looks for the results of known calls: the usual case, and it costs the same however long the request is. */
  #byIds({ http: { body } }: LlmCall, threads: readonly Thread[]): GoneOn | undefined {
    if (body === undefined) return undefined
    const json = jsonText(body)
    for (const thread of threads) {
      const results = resultsIn(json, thread.ids)
      if (results.length > 0) return { thread, found: thread.answered(results) }
    }
    return undefined
  }

  /** Reads the request: a text came again, results have no ids, or the framework has rewritten the conversation. */
  #byReading(call: LlmCall, threads: Thread[]): GoneOn {
    const { messages } = call.request
    const { results, begins } = tailOf(messages)
    const thread =
      threads.find((one) => results.length > 0 && one.mayWaitFor(results)) ??
      threads.findLast(({ idle }) => idle) ??
      // A conversation that goes on, though nothing of it is known any more.
      (begins ? undefined : threads.findLast(({ underWay }) => underWay === 0)) ??
      this.#begin(threads)
    const found = thread.answered(results) ?? thread.said(messages)
    if (!begins) thread.forget()
    return { thread, found }
  }

  #goOnOutside({ http: { body } }: LlmCall): GoneOn {
    if (this.#outside.size > 0 && body !== undefined) {
      const json = jsonText(body)
      const ids = lastResultIds(json)
      const thread = this.#outside.get(ids.find((id) => this.#outside.get(id)) ?? '')
      if (thread !== undefined) {
        for (const id of ids) this.#outside.delete(id)
        return { thread, found: thread.answered(resultsIn(json, thread.ids)) }
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

/** What came after the last reply of the model. */
function tailOf(messages: readonly Message[]): {
  readonly results: readonly Result[]
  /** There is no reply before. */
  readonly begins: boolean
} {
  let at = messages.length
  while (at > 0 && messages[at - 1]?.role !== 'assistant') at--
  const parts = messages.slice(at).flatMap((message) => message.parts)
  const results = parts.flatMap((part) => (part.type === 'tool-result' ? [resultOfPart(part)] : []))
  return { results, begins: at === 0 }
}
