// One half of the matrix in a process of its own, because instrument() takes hold of the whole process:
// node half.ts bare|with, then { cells, atOnce } as a message; answers with one message per cell.
import type { Cell } from './cell.ts'
import { answerText } from './cell-lab.ts'
import type { CellResult } from './cell-result.ts'
import { clients } from './clients/index.ts'
import { expectationOf } from './expectations.ts'
import { judge } from './judge.ts'
import { bareLimitMs, limits, policies } from './policies.ts'
import type { Ending } from './rows.ts'
import { runCell } from './run-cell.ts'
import type { RunCellOptions } from './run-cell.ts'
import { standstill } from './standstill.ts'

/** Without Holdfast, or with it. */
export type Half = 'bare' | 'with'

/** What a half is asked to do. */
export interface HalfOrder {
  readonly cells: readonly Cell[]
  /** How many cells run at the same time. */
  readonly atOnce: number
}

/** What a half tells. */
export type HalfMessage =
  | { readonly type: 'result'; readonly result: CellResult }
  | { readonly type: 'stray-rejection'; readonly message: string }
  | { readonly type: 'done'; readonly bugs: readonly string[]; readonly again: number }

const half = process.argv[2]
if (half === 'bare' || half === 'with') {
  process.once('message', (order) => {
    run(half, order as HalfOrder).catch((error: unknown) => {
      console.error(error)
      process.exit(1)
    })
  })
}

async function run(half: Half, { cells, atOnce }: HalfOrder): Promise<void> {
  process.on('unhandledRejection', (reason) => {
    tell({
      type: 'stray-rejection',
      message: reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason),
    })
  })
  // The AI SDK prints what it thinks of model names.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })

  const { options, bugs } = half === 'with' ? await withHoldfast() : bare()
  await warmUp(options)
  let again = 0
  let waiting = [...cells]
  for (let round = 1; waiting.length > 0; round++) {
    const unsure: Cell[] = []
    const worker = async (): Promise<void> => {
      for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
        const result = await runCell(cell, options).catch((error: unknown) => {
          if (round === mostRounds) throw error
        })
        const isLast = round === mostRounds || half === 'bare'
        if (result === undefined || !(isLast || isSure(cell, result))) unsure.push(cell)
        else tell({ type: 'result', result })
      }
    }
    await Promise.all(Array.from({ length: Math.ceil(atOnce / round) }, worker))
    again += unsure.length
    waiting = unsure
  }
  process.send?.({ type: 'done', bugs: bugs(), again } satisfies HalfMessage, () => process.exit(0))
}

/**
 * Where something is wrong with a cell in which the process itself stood still for a good part of the policies'
 * timeouts, that says nothing about them: it is run again, with fewer beside it.
 */
function isSure(cell: Cell, result: CellResult): boolean {
  if (result.stoodStillMs < mostStoodStillMs) return true
  if (judge(cell, result, answerText, limits).length > 0) return false
  // Only the client alone, in the other process, tells how it should have ended.
  return !likeAlone.has(expectationOf(cell).always.ends)
}

const likeAlone: ReadonlySet<Ending['ends']> = new Set(['as-bare', 'lost', 'as-alone'])
const mostStoodStillMs = 500
const mostRounds = 4

interface Prepared {
  readonly options: RunCellOptions
  readonly bugs: () => readonly string[]
}

function bare(): Prepared {
  return {
    options: { limitMs: bareLimitMs, withSentBytes: true, standstill: standstill() },
    bugs: () => [],
  }
}

async function withHoldfast(): Promise<Prepared> {
  const { instrument } = await import('holdfast')
  const holdfast = instrument({ reliability: policies })
  const attempts = new Map<string, number>()
  holdfast.on((event) => {
    if (event.type === 'attempt-start') {
      attempts.set(event.host, (attempts.get(event.host) ?? 0) + 1)
    }
  })
  return {
    options: {
      limitMs: policies.timeout.totalMs + 1000,
      withSentBytes: false,
      standstill: standstill(),
      attemptsTo: (host) => attempts.get(host) ?? 0,
    },
    bugs: () =>
      holdfast.report().bugs.map(({ where, message, times }) => `${where}: ${message} (${times}x)`),
  }
}

/** One good call of each kind, so that no cell's clock runs while an SDK loads its parts. */
async function warmUp(options: RunCellOptions): Promise<void> {
  for (const { name, wires } of Object.values(clients)) {
    for (const wire of wires) {
      for (const stream of [false, true]) {
        // A fault of streams: a whole answer stays good, a stream ends at once.
        const fault = 'error-event-mid'
        const id = ['warm-up', wire, name, stream].join('/')
        const cell: Cell = { id, wire, client: name, stream, fault, plan: 'once' }
        await runCell(cell, { ...options, withSentBytes: false })
      }
    }
  }
}

function tell(message: HalfMessage): void {
  process.send?.(message)
}
