import { randomUUID } from 'node:crypto'
import type { LlmCall, ToolCall } from '@holdfast/core'
import type { ProposedTool } from '../record/entries.ts'
import type { JournaledRun } from './journaled-run.ts'
import type { JournaledRuns, Place } from './journaled-runs.ts'

/** A run that nobody opened: calls that go on from each other. */
interface JoinedRun {
  readonly run: JournaledRun
  /** Tool calls that the model asked for and nobody has made yet. */
  proposed: ProposedTool[]
  /** The model has said its last word, for now. */
  over: boolean
  usedAtMs: number
}

/** So many are known at once; the one that was used longest ago goes first. */
const mostKnown = 100
/** One that is over and that nobody has used for so long is given up. */
const idleMs = 60_000

/**
 * The runs of calls that belong to no run: a request that begins with an earlier request and its reply is the same
 * run's, and so is a tool call that one of its replies asked for.
 */
export class JoinedRuns {
  readonly #runs: JournaledRuns
  /** The newest first. */
  #known: JoinedRun[] = []

  constructor(runs: JournaledRuns) {
    this.#runs = runs
  }

  placeOfCall(call: LlmCall): Place {
    let joined = this.#known.find(({ run }) => run.conversations.goesOn(call))
    if (joined === undefined) {
      const run = this.#runs.begin({ id: randomUUID() })
      joined = { run, proposed: [], over: false, usedAtMs: Date.now() }
    } else if (joined.over) {
      joined.over = false
      joined.run.stands('running')
    }
    this.#use(joined)
    return { run: joined.run, scope: '' }
  }

  /** Undefined for a tool call that no model asked for. */
  placeOfTool({ name, toolCallId }: ToolCall): Place | undefined {
    for (const joined of this.#known) {
      const { proposed, run } = joined
      const found =
        proposed.find(({ id }) => id !== '' && id === toolCallId) ??
        proposed.find((tool) => tool.name === name)
      if (found === undefined) continue
      joined.proposed = proposed.filter((tool) => tool !== found)
      this.#use(joined)
      return { run, scope: '' }
    }
    return undefined
  }

  /** A reply of one of these runs is complete. Without a tool call it was the answer. */
  replied(run: JournaledRun, proposed: readonly ProposedTool[]): void {
    const joined = this.#known.find((known) => known.run === run)
    if (joined === undefined) return
    joined.proposed.push(...proposed)
    if (proposed.length > 0) return
    joined.over = true
    run.stands('completed')
  }

  #use(joined: JoinedRun): void {
    const now = Date.now()
    joined.usedAtMs = now
    const kept: JoinedRun[] = [joined]
    for (const other of this.#known) {
      if (other === joined) continue
      const idle = other.over && now - other.usedAtMs > idleMs
      if (idle || kept.length === mostKnown) {
        this.#runs.leave(other.run, other.over ? 'completed' : 'failed')
      } else kept.push(other)
    }
    this.#known = kept
  }
}
