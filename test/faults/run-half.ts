import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Cell } from './cell.ts'
import type { CellResult } from './cell-result.ts'
import type { Half, HalfMessage, HalfOrder } from './half.ts'

/** What one half came to. */
export interface HalfResults {
  readonly byId: ReadonlyMap<string, CellResult>
  /** Rejections that nobody handled, counted by message. */
  readonly strayRejections: ReadonlyMap<string, number>
  /** Mistakes that Holdfast kept away from the application. */
  readonly bugs: readonly string[]
  /** Cells that had to be run again because the process itself stood still. */
  readonly again: number
}

export interface RunHalfOptions {
  readonly atOnce: number
  readonly onResult?: (result: CellResult) => void
}

/** Runs cells in a process of their own, without Holdfast or with it. */
export async function runHalf(
  half: Half,
  cells: readonly Cell[],
  { atOnce, onResult }: RunHalfOptions,
): Promise<HalfResults> {
  const byId = new Map<string, CellResult>()
  const strayRejections = new Map<string, number>()
  let bugs: readonly string[] = []
  let again = 0
  const child = fork(fileURLToPath(new URL('./half.ts', import.meta.url)), [half], {
    execArgv: ['--conditions=@holdfast/source'],
    serialization: 'advanced',
    // What SDKs print would tear the progress line apart; it is shown where the process itself fails.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let printed = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    printed = (printed + text).slice(-4000)
  })
  child.on('message', (message: HalfMessage) => {
    switch (message.type) {
      case 'result':
        byId.set(message.result.id, message.result)
        onResult?.(message.result)
        break
      case 'stray-rejection':
        strayRejections.set(message.message, (strayRejections.get(message.message) ?? 0) + 1)
        break
      case 'done':
        ;({ bugs, again } = message)
        break
    }
  })
  child.send({ cells, atOnce } satisfies HalfOrder)
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', resolve)
  })
  if (exitCode !== 0 || byId.size !== cells.length) {
    throw new Error(
      `the ${half} half ended with exit code ${exitCode} after ${byId.size} of ${cells.length} cells\n${printed}`,
    )
  }
  return { byId, strayRejections, bugs, again }
}
