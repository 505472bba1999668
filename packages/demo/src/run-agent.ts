import { setTimeout } from 'node:timers/promises'

import type { AgentEnd } from './agent-process.ts'
import { runAgentProcess } from './agent-process.ts'
import type { Attempt } from './attempt.ts'
import type { BadDay } from './bad-days.ts'
import type { Upstream } from './upstream.ts'

/** One run of one agent, over. */
export interface AgentRun {
  readonly day: BadDay
  readonly holdfast: boolean
  readonly attempts: readonly Attempt[]
  readonly end: AgentEnd
  /** From the first request to the end: how long the process took to load its framework is nobody's fault. */
  readonly startedAtMs: number
  readonly durationMs: number
}

export interface AgentRunOptions {
  readonly day: BadDay
  readonly holdfast: boolean
  readonly startUpstream: (day: BadDay) => Promise<Upstream>
  /** How long after its first request an agent is given up. */
  readonly stopAfterMs: number
  /** Told when something has changed. */
  readonly onAttempts?: (attempts: readonly Attempt[]) => void
}

// Frameworks take seconds to load where several processes do it at once; a minute is not loading any more.
const mostLoadingMs = 60_000
const lookEveryMs = 50

/** Runs an agent against providers of its own until it ends, or stops it. */
export async function runAgent(options: AgentRunOptions): Promise<AgentRun> {
  const { day, holdfast } = options
  const upstream = await options.startUpstream(day)
  try {
    const giveUp = new AbortController()
    const over = new AbortController()
    const beganAtMs = performance.timeOrigin + performance.now()
    const process = runAgentProcess({
      agent: day.agent,
      holdfast,
      env: upstream.env,
      signal: giveUp.signal,
    }).finally(() => over.abort())
    void watch(upstream, options, beganAtMs, giveUp, over.signal)
    const end = await process
    const attempts = withRefused(upstream.attempts(), end)
    options.onAttempts?.(attempts)
    const startedAtMs = attempts[0]?.atMs ?? beganAtMs
    return { day, holdfast, attempts, end, startedAtMs, durationMs: end.atMs - startedAtMs }
  } finally {
    await upstream.close()
  }
}

async function watch(
  upstream: Upstream,
  { stopAfterMs, onAttempts }: AgentRunOptions,
  beganAtMs: number,
  giveUp: AbortController,
  over: AbortSignal,
): Promise<void> {
  while (!over.aborted) {
    const attempts = upstream.attempts()
    onAttempts?.(attempts)
    const stopAtMs = attempts[0] ? attempts[0].atMs + stopAfterMs : beganAtMs + mostLoadingMs
    if (performance.timeOrigin + performance.now() >= stopAtMs) giveUp.abort()
    await setTimeout(lookEveryMs)
  }
}

/** The provider's view and the process's own together: a dead provider sees nobody. */
function withRefused(attempts: readonly Attempt[], end: AgentEnd): Attempt[] {
  const refused = end.notes.map(({ atMs }): Attempt => ({
    atMs,
    endedAtMs: atMs,
    provider: 'primary',
    turn: undefined,
    shown: 'connection refused',
    failed: true,
    abandoned: false,
  }))
  return [...attempts, ...refused].toSorted((one, other) => one.atMs - other.atMs)
}
