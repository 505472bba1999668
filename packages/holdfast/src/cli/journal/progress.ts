import type { Progress } from '@holdfast/journal'

const barWidth = 24
/** So often it is drawn at most, and not before somebody has begun to wonder. */
const everyMs = 100
const patienceMs = 400

/** Where progress is shown: a terminal, or nothing. */
export interface ProgressOutput {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** A line that tells how far a long piece of work has come; on a terminal only, and gone when it is over. */
export function progressLine(
  what: string,
  output: ProgressOutput,
  now: () => number = () => performance.now(),
): { readonly tell: Progress; readonly end: () => void } {
  const beganMs = now()
  let drawnMs = -Infinity
  let drawn = false
  return {
    tell(done, total) {
      const atMs = now()
      if (output.isTTY !== true || atMs - beganMs < patienceMs || atMs - drawnMs < everyMs) return
      drawnMs = atMs
      drawn = true
      output.write(`\r\u001B[K${what} ${bar(done, total)}`)
    },
    end() {
      if (drawn) output.write('\r\u001B[K')
    },
  }
}

function bar(done: number, total: number | undefined): string {
  if (total === undefined || total === 0) return String(done)
  const full = Math.min(barWidth, Math.round((done / total) * barWidth))
  const percent = Math.floor((Math.min(done, total) / total) * 100)
  return `[${'#'.repeat(full)}${'.'.repeat(barWidth - full)}] ${percent} % (${done} of ${total})`
}
