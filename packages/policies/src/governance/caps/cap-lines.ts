import { hash } from 'node:crypto'
import type { Run } from '@holdfast/core'
import { stepsOf } from './cap-steps.ts'
import type { CapStep } from './cap-steps.ts'
import type { CapName, CapOptions, CapScope } from './options.ts'

/** One cap of one scope: a row in the store. */
export interface CapLine {
  readonly name: CapName
  /** What the provider charges, attempt by attempt; other caps count calls, or time. */
  readonly isSpent: boolean
  readonly per: CapScope
  /** Of the run that it is kept for; undefined where it is not for one run. */
  readonly runId: string | undefined
  readonly cap: CapOptions
  /** In whole units: calls, tokens, millionths of a dollar, milliseconds. */
  readonly limit: number
  readonly key: string
  readonly steps: readonly CapStep[]
}

/** The caps that a call counts for. */
export interface CapLines {
  readonly all: readonly CapLine[]
  /** Of these: what the provider charges. */
  readonly spent: readonly CapLine[]
}

const names: readonly CapName[] = [
  'maxIterations',
  'maxCalls',
  'maxToolCalls',
  'maxInputTokens',
  'maxOutputTokens',
  'maxTokens',
  'maxUsd',
  'maxWallMs',
]

/** Which caps a call of a run counts for: its own, and those of every run above it. */
export class CapBook {
  readonly #caps: readonly CapOptions[]
  readonly #ofRun = new WeakMap<Run, CapLines>()
  #outside: CapLines | undefined

  constructor(caps: readonly CapOptions[]) {
    this.#caps = caps
  }

  linesOf(run: Run | undefined): CapLines {
    if (run === undefined) return (this.#outside ??= this.#make(undefined))
    let lines = this.#ofRun.get(run)
    if (lines === undefined) this.#ofRun.set(run, (lines = this.#make(run)))
    return lines
  }

  #make(run: Run | undefined): CapLines {
    const lines = new Map<string, CapLine>()
    for (const cap of this.#caps) {
      for (const scope of scopesOf(run, cap)) {
        for (const name of names) {
          const line = lineOf(cap, name, scope)
          if (line === undefined) continue
          // Of two caps for the same thing the tighter one counts.
          const other = lines.get(line.key)
          if (other === undefined || line.limit < other.limit) lines.set(line.key, line)
        }
      }
    }
    const all = [...lines.values()]
    return { all, spent: all.filter(({ isSpent }) => isSpent) }
  }
}

interface Scope {
  readonly id: string
  readonly runId?: string
  /** The run is the one that makes the call. */
  readonly own: boolean
}

function scopesOf(run: Run | undefined, { per = 'run', agent }: CapOptions): readonly Scope[] {
  const chain: Run[] = []
  // The outermost first: it is the one to be named where several are at their end.
  for (let one = run; one !== undefined; one = one.parent) chain.unshift(one)
  const meant = agent === undefined ? chain : chain.filter((one) => one.agent === agent)
  if (agent !== undefined && meant.length === 0) return []
  if (per === 'all') return [{ id: agent ?? '', own: true }]
  if (per === 'run') {
    return meant.map((one) => ({ id: one.id, runId: one.id, own: one === run }))
  }
  const ids = new Set(meant.flatMap((one) => one[per] ?? []))
  if (ids.size === 0) return per === 'session' ? [] : [{ id: '', own: true }]
  return [...ids].map((id) => ({ id, own: true }))
}

function lineOf(cap: CapOptions, name: CapName, { id, runId, own }: Scope): CapLine | undefined {
  const limit = cap[name]
  const { per = 'run', periodMs, agent = '' } = cap
  if (limit === undefined || (name === 'maxIterations' && (per !== 'run' || !own))) return undefined
  // Names of people and conversations are nobody's business in a store.
  const scope = hash('sha256', `${id}\n${agent}`).slice(0, 24)
  return {
    name,
    isSpent: name.endsWith('Tokens') || name === 'maxUsd',
    per,
    runId,
    cap,
    limit: Math.floor(name === 'maxUsd' ? limit * 1e6 : limit),
    key: `cap:${name}:${per}:${periodMs ?? 0}:${scope}`,
    steps: stepsOf(cap),
  }
}
