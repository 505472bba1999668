import type { Attempt } from './attempt.ts'
import { billOf } from './bill.ts'
import type { Paint } from './paint.ts'
import type { AgentRun } from './run-agent.ts'
import { seconds, verdict } from './verdict.ts'

// What every terminal has.
const width = 80
const gap = 2
const columnWidth = (width - gap) / 2

interface Line {
  readonly text: string
  readonly style?: Parameters<Paint>[0]
}

const empty: Line = { text: '' }

/** One agent's two runs, side by side. */
export function agentTable(without: AgentRun, with_: AgentRun, paint: Paint): string {
  const columns = [without, with_].map((run) => column(run))
  const rows = Math.max(...columns.map(({ attempts }) => attempts.length))
  const [left = [], right = []] = columns.map(({ head, attempts, foot }) => [
    head,
    ...attempts,
    ...Array.from({ length: rows - attempts.length }, () => empty),
    ...foot,
  ])
  const lines = Array.from({ length: Math.max(left.length, right.length) }, (_, row) => [
    left[row] ?? empty,
    right[row] ?? empty,
  ])
  return [
    paint('bold', `── ${without.day.title} `.padEnd(width, '─')),
    ...lines.map(([one = empty, other = empty]) =>
      `${painted(one, paint, columnWidth)}${' '.repeat(gap)}${painted(other, paint)}`.trimEnd(),
    ),
  ].join('\n')
}

function column(run: AgentRun): {
  readonly head: Line
  readonly attempts: readonly Line[]
  readonly foot: readonly Line[]
} {
  const { finished, shown } = verdict(run)
  const { requests, tokens, costUsd } = billOf(run)
  const used =
    tokens === undefined || costUsd === undefined
      ? 'tokens and cost unknown'
      : `${tokens.toLocaleString('en-US')} tokens, $${costUsd.toFixed(5)}`
  return {
    head: { text: run.holdfast ? 'with Holdfast' : 'without Holdfast', style: 'underline' },
    attempts: run.attempts.flatMap((attempt, index) => [
      attemptLine(attempt, run),
      ...afterwards(attempt, run.attempts[index + 1], run),
    ]),
    foot: [
      empty,
      finished
        ? { text: `✓ ${shown}`, style: ['bold', 'green'] }
        : { text: `✗ ${shown}`, style: ['bold', 'red'] },
      { text: `  ${requests} requests in ${seconds(run.durationMs)}` },
      { text: `  ${used}` },
      ...quoted(run.end.stdout).map((text): Line => ({ text: `  ${text}`, style: 'dim' })),
    ],
  }
}

function attemptLine(attempt: Attempt, { startedAtMs }: AgentRun): Line {
  const { atMs, failed, provider, shown } = attempt
  const at = seconds(atMs - startedAtMs).padStart(6)
  const who = provider === 'backup' ? 'backup: ' : ''
  return {
    text: `${failed ? '✗' : '✓'} ${at}  ${who}${shown}`,
    style: failed ? 'red' : 'green',
  }
}

/** What the client did about a failed attempt. */
function afterwards(attempt: Attempt, next: Attempt | undefined, run: AgentRun): Line[] {
  if (!attempt.failed) return []
  const endedAtMs = attempt.endedAtMs ?? run.end.atMs
  const heldMs = endedAtMs - attempt.atMs
  const doings: string[] = []
  if (attempt.abandoned && next !== undefined) doings.push(`given up after ${seconds(heldMs)}`)
  if (attempt.abandoned && next === undefined) doings.push(`waits on, for ${seconds(heldMs)}`)
  if (
    next !== undefined &&
    (next.turn === attempt.turn || attempt.turn === undefined || next.turn === undefined)
  ) {
    doings.push(
      next.provider === attempt.provider ? again(next.atMs - endedAtMs) : 'over to the backup',
    )
  }
  return doings.map((doing) => ({ text: `          ↻ ${doing}`, style: 'dim' }))
}

function again(afterMs: number): string {
  return afterMs < 50 ? 'again, at once' : `again after ${seconds(afterMs)}`
}

/** What the agent printed, in lines that fit; a long text is cut. */
function quoted(text: string): string[] {
  const room = columnWidth - 4
  const said = text === '' ? '(it printed nothing)' : `“${text.replaceAll(/\s+/g, ' ')}”`
  const lines: string[] = ['']
  for (const word of said.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last === '') lines[lines.length - 1] = word
    else if (last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.length <= 4 ? lines : [...lines.slice(0, 3), `${lines[3]} …`]
}

/** Painted, then padded: colours have no width. */
function painted({ text, style }: Line, paint: Paint, padTo = 0): string {
  const cut = text.length > columnWidth ? `${text.slice(0, columnWidth - 1)}…` : text
  const coloured = style === undefined || cut === '' ? cut : paint(style, cut)
  return coloured + ' '.repeat(Math.max(0, padTo - cut.length))
}
