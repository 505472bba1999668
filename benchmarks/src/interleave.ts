import { bootstrapMedian, median, quantile } from './statistics.ts'
import type { Estimate } from './statistics.ts'

/** One thing to compare. `enter` and `leave` stand outside of what is timed. */
export interface Variant {
  readonly name: string
  enter(): Promise<() => Promise<unknown>> | (() => Promise<unknown>)
  leave(): Promise<void> | void
}

export interface Measured {
  readonly name: string
  readonly p50Us: number
  readonly p99Us: number
  readonly cpuUs: number
  /** Median over the rounds of the block's median minus that of the first variant in the same round. */
  readonly addedUs: Estimate
  readonly addedCpuUs: Estimate
  readonly cpuRatio: number
}

export interface InterleaveOptions {
  readonly rounds: number
  /** Calls of one block. */
  readonly calls: number
  readonly warmUpRounds?: number
  /** Calls of each block that are not timed: putting Holdfast on and taking it off makes the engine forget a little. @default 40 */
  readonly warmUpCalls?: number
}

/**
 * Runs the variants in blocks, in turn, in one process: what the machine does in the meantime hits all of them alike,
 * and each round gives one paired difference. The order turns by one each round.
 */
export async function interleave(
  variants: readonly Variant[],
  { rounds, calls, warmUpRounds = 5, warmUpCalls = 40 }: InterleaveOptions,
): Promise<Measured[]> {
  const samples = variants.map(() => ({
    calls: [] as number[],
    medians: [] as number[],
    cpu: [] as number[],
  }))
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (let turn = 0; turn < variants.length; turn++) {
      const index = (turn + Math.max(round, 0)) % variants.length
      const variant = variants[index]
      const sample = samples[index]
      if (variant === undefined || sample === undefined) continue
      const call = await variant.enter()
      for (let count = 0; count < warmUpCalls; count++) await call()
      // What entering and leaving left behind is not the calls' to clean up.
      globalThis.gc?.({ type: 'minor', execution: 'sync' })
      const block: number[] = []
      const cpu = process.cpuUsage()
      for (let count = 0; count < calls; count++) {
        const start = performance.now()
        await call()
        block.push((performance.now() - start) * 1000)
      }
      const { user, system } = process.cpuUsage(cpu)
      await variant.leave()
      if (round < 0) continue
      sample.calls.push(...block)
      sample.medians.push(median(block))
      sample.cpu.push((user + system) / calls)
    }
  }
  const [base] = samples
  if (base === undefined) return []
  return variants.map(({ name }, index) => {
    const { calls: all, medians, cpu } = samples[index] ?? base
    const against = (values: readonly number[], others: readonly number[]) =>
      bootstrapMedian(values.map((value, round) => value - (others[round] ?? 0)))
    return {
      name,
      p50Us: median(all),
      p99Us: quantile(all, 0.99),
      cpuUs: median(cpu),
      addedUs: against(medians, base.medians),
      addedCpuUs: against(cpu, base.cpu),
      cpuRatio: median(cpu.map((value, round) => value / (base.cpu[round] ?? Number.NaN))),
    }
  })
}
