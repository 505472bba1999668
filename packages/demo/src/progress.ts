import type { BadDay } from './bad-days.ts'

type State = 'running' | 'finished' | 'failed'

/** One line on a terminal that says how far everybody is; nothing where the output is no terminal. */
export class Progress {
  readonly #startedAtMs = performance.now()
  readonly #states = new Map<BadDay, { without: State; with: State; requests: number }>()
  readonly #timer: NodeJS.Timeout | undefined

  constructor(days: readonly BadDay[]) {
    for (const day of days)
      this.#states.set(day, { without: 'running', with: 'running', requests: 0 })
    if (process.stdout.isTTY) this.#timer = setInterval(() => this.#draw(), 100)
  }

  is(day: BadDay, holdfast: boolean, state: State): void {
    const states = this.#states.get(day)
    if (states !== undefined) states[holdfast ? 'with' : 'without'] = state
  }

  end(): void {
    if (this.#timer === undefined) return
    clearInterval(this.#timer)
    process.stdout.write('\r\u001B[K')
  }

  #draw(): void {
    const elapsed = ((performance.now() - this.#startedAtMs) / 1000).toFixed(1).padStart(5)
    const agents = Array.from(
      this.#states,
      ([day, state]) => `${day.agent} ${marks[state.without]} / ${marks[state.with]}`,
    )
    const line = `${elapsed} s  without / with:  ${agents.join('   ')}`
    process.stdout.write(`\r\u001B[K${line.slice(0, process.stdout.columns - 1)}`)
  }
}

const marks: Readonly<Record<State, string>> = { running: '…', finished: '✓', failed: '✗' }
