import { calcPrice } from '@pydantic/genai-prices'

import type { AgentRun } from './run-agent.ts'

/** What a run took. */
export interface Bill {
  readonly requests: number
  /** Undefined where nobody counted them. */
  readonly tokens: number | undefined
  readonly costUsd: number | undefined
}

/**
 * With Holdfast: as Holdfast counted it, from the line that it writes for each finished run.
 * Without: as the provider counted it, where the provider is the lab; the agent itself does not know.
 */
export function billOf(run: AgentRun): Bill {
  return { requests: run.attempts.length, ...(run.holdfast ? ownCount(run) : providersCount(run)) }
}

/** What the provider counted, for answers that were given to their end. */
export function providersCount({ attempts, day }: AgentRun): Omit<Bill, 'requests'> {
  const counted = attempts.flatMap(({ tokens }) => tokens ?? [])
  if (counted.length === 0) return { tokens: undefined, costUsd: undefined }
  const input = counted.reduce((sum, tokens) => sum + tokens.input, 0)
  const output = counted.reduce((sum, tokens) => sum + tokens.output, 0)
  const usage = { input_tokens: input, output_tokens: output }
  const price = calcPrice(usage, day.model, { providerId: day.provider })
  return { tokens: input + output, costUsd: price?.total_price }
}

function ownCount({ end }: AgentRun): Omit<Bill, 'requests'> {
  const runs = end.stderr.split('\n').flatMap((line) => runEnd(line) ?? [])
  if (runs.length === 0) return { tokens: undefined, costUsd: undefined }
  return {
    tokens: runs.reduce((sum, { tokens }) => sum + tokens.input + tokens.output, 0),
    costUsd: runs.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0),
  }
}

interface RunEnd {
  readonly event: 'run-end'
  readonly tokens: { readonly input: number; readonly output: number }
  readonly costUsd?: number
}

function runEnd(line: string): RunEnd | undefined {
  return line.startsWith('{"event":"run-end"') ? (JSON.parse(line) as RunEnd) : undefined
}
