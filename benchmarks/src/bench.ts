import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Measured } from './interleave.ts'
import type { Estimate } from './statistics.ts'

/** A figure that is to hold. */
export interface Check {
  readonly what: string
  readonly value: number
  readonly most: number
  readonly unit: string
}

/** What a part of the benchmark measures against, and where it says what it found. */
export interface Bench {
  /** A provider without latency of its own. */
  readonly origin: string
  /** A quarter of everything, for a first look. */
  readonly quick: boolean
  /** How many rounds of so many. */
  readonly rounds: (full: number) => number
  readonly check: (check: Check) => void
}

/** A part of the benchmark: it has a process and a provider of its own, as an application has. */
export type Part = (bench: Bench) => Promise<void>

/** Starts a provider in a process of its own. */
export async function startProvider(): Promise<{ readonly origin: string; stop(): void }> {
  const provider = fork(join(import.meta.dirname, 'provider.ts'), { execArgv: [] })
  const port = await new Promise<number>((resolve) => {
    provider.once('message', (message: { port: number }) => resolve(message.port))
  })
  return { origin: `http://127.0.0.1:${port}`, stop: () => provider.disconnect() }
}

export function printTable(title: string, rows: readonly Measured[]): void {
  console.log(`\n${title}`)
  console.log(
    `  ${''.padEnd(24)} ${'p50 us'.padStart(8)} ${'p99 us'.padStart(8)} ${'CPU us'.padStart(8)}   added p50 us [95 %]      added CPU us      CPU ratio`,
  )
  for (const [index, row] of rows.entries()) {
    const figures = `  ${row.name.padEnd(24)} ${row.p50Us.toFixed(0).padStart(8)} ${row.p99Us.toFixed(0).padStart(8)} ${row.cpuUs.toFixed(0).padStart(8)}`
    console.log(
      index === 0
        ? figures
        : `${figures}   ${interval(row.addedUs).padEnd(24)} ${interval(row.addedCpuUs).padEnd(20)} ${row.cpuRatio.toFixed(3)}`,
    )
  }
}

export function interval({ value, low, high }: Estimate): string {
  return `${signed(value)} [${signed(low)}, ${signed(high)}]`
}

export function signed(value: number, digits = 1): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(digits)}`
}
