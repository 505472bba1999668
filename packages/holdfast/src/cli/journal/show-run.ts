import { errorWord, HoldfastError } from '@holdfast/core'
import type { LlmRecord, ReadEntry, RunsApi } from '@holdfast/journal'
import { columns } from './columns.ts'
import { shortTime } from './duration.ts'

interface Showing {
  /** Shows what was said, too. */
  readonly content: boolean
  readonly cost: (record: LlmRecord) => number | undefined
}

/** What happened in a run, one line for each call. */
export async function showRun(
  runs: RunsApi,
  id: string,
  { content, cost }: Showing,
): Promise<string> {
  const run = await runs.find(id)
  if (run === undefined) throw new HoldfastError('OPTIONS_INVALID', `there is no run ${id}`)
  const entries = await runs.entries(id)
  const doubts = new Map((await runs.inDoubt(id)).map((effect) => [effect.id, effect]))
  const rows = entries.flatMap((entry) => rowsOf(entry))
  const records = entries.flatMap(({ kind, data }) => (kind === 'llm' ? [data] : []))
  const usd = records.reduce((sum, record) => sum + (cost(record) ?? 0), 0)
  const facts = [
    `run ${id}`,
    run.state,
    run.agent === undefined ? '' : `agent ${run.agent}`,
    run.session === undefined ? '' : `session ${run.session}`,
    new Date(run.createdAtMs).toISOString(),
    `${records.length} model calls`,
    `${sum(records, 'inputTokens')} tokens in`,
    `${sum(records, 'outputTokens')} out`,
    usd === 0 ? '' : dollars(usd),
  ].filter((fact) => fact !== '')
  const waiting = [...doubts.keys()].map(
    (effect) => `in doubt: holdfast resolve '${effect}' done|again|skip\n`,
  )
  return `${facts.join(', ')}\n\n${columns(rows)}${waiting.length === 0 ? '' : '\n'}${waiting.join('')}`

  function rowsOf(entry: ReadEntry): string[][] {
    const at = `+${((entry.atMs - (run?.createdAtMs ?? 0)) / 1_000).toFixed(2)} s`
    const row = (what: string, name: string, took: string, more: string): string[][] => [
      [String(entry.seq), at, what, name, took, more],
    ]
    switch (entry.kind) {
      case 'llm': {
        const { model, tookMs, attempts, usage = {} } = entry.data
        const price = cost(entry.data)
        const told = [
          `${usage.inputTokens ?? '?'} in, ${usage.outputTokens ?? '?'} out`,
          price === undefined ? '' : dollars(price),
          attempts.length > 1 ? `${attempts.length} attempts` : '',
          content ? said(entry.payload) : '',
        ]
        return row('model', model, shortTime(tookMs), joined(told))
      }
      case 'llm-failed':
        return row('model', entry.data.model, shortTime(entry.data.tookMs), entry.data.error)
      case 'tool-intent': {
        const { name, again, arguments: given } = entry.data
        const state = doubts.has(`${id}#${entry.seq}`) ? 'IN DOUBT' : ''
        const told = [again === undefined ? '' : `again, after ${again}`, state]
        return row('tool', name, '', joined([...told, content ? given : '']))
      }
      case 'tool-outcome': {
        const { intent, tookMs, error, lost, value } = entry.data
        const became =
          error === undefined
            ? lost === undefined
              ? 'ok'
              : 'done, not stored'
            : (errorWord(error.name) ?? 'Error')
        const text = value === undefined || !('value' in value) ? '' : JSON.stringify(value.value)
        return row('  did', `${intent}`, shortTime(tookMs), joined([became, content ? text : '']))
      }
      case 'resolution':
        return row('  is', `${entry.data.intent}`, '', `${entry.data.as}, by ${entry.data.by}`)
      case 'fork':
        return row('fork', '', '', 'asks something else than before')
      default:
        return []
    }
  }
}

const longest = 2_000

function said(payload: Uint8Array | undefined): string {
  return Buffer.from(payload ?? [])
    .toString()
    .replaceAll(/\s+/g, ' ')
    .slice(0, longest)
}

function joined(facts: readonly string[]): string {
  return facts.filter((fact) => fact !== '').join(', ')
}

function sum(records: readonly LlmRecord[], name: 'inputTokens' | 'outputTokens'): number {
  return records.reduce((total, { usage }) => total + (usage?.[name] ?? 0), 0)
}

function dollars(usd: number): string {
  return `$${usd.toFixed(usd < 0.01 ? 6 : 4)}`
}
