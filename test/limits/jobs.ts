import type { HoldfastOptions } from 'holdfast'

/** What a worker is told to do. */
export type Job = BudgetJob | CallsJob | TreeJob | { readonly type: 'stop' | 'reset' }

/** Reserves and settles against budgets, one after the other, in as many loops at once. */
export interface BudgetJob {
  readonly type: 'budget'
  readonly url: string
  readonly prefix: string
  readonly rounds: readonly BudgetRound[]
  readonly loops: number
}

/** One budget, spent by all workers together. */
export interface BudgetRound {
  readonly key: string
  readonly limit: number
  /** What one reserves; it spends any whole number up to that. */
  readonly reserve: number
}

export interface BudgetReport {
  readonly type: 'budget'
  /** Of each round. */
  readonly spent: readonly number[]
}

/** Calls a provider in loops until it is told to stop. */
export interface CallsJob {
  readonly type: 'calls'
  readonly options: HoldfastOptions
  readonly providerUrl: string
  readonly loops: number
  /** Pause of a loop between two calls, on average. */
  readonly thinkMs: number
}

export interface CallsReport {
  readonly type: 'calls'
  /** Answers by status. */
  readonly statuses: Record<number, number>
  /** Calls that Holdfast refused, by code. */
  readonly refusals: Record<string, number>
  /** From the start of a call to its first request upstream, less what this process could not run at all. */
  longestWaitMs: number
  /** When this process opened a circuit, Date.now(). */
  readonly opened: number[]
}

/** Makes calls in sub-runs of one root until the root has nothing left. */
export interface TreeJob {
  readonly type: 'tree'
  readonly options: HoldfastOptions
  readonly providerUrl: string
  /** The root run, of all processes together. */
  readonly root: string
  /** Sub-runs at once in each process. */
  readonly loops: number
}

export interface TreeReport {
  readonly type: 'tree'
  readonly answered: number
  /** Calls that Holdfast refused, by code. */
  readonly refusals: Record<string, number>
}

export type Report = BudgetReport | CallsReport | TreeReport
