import type { JournalRun, JournalRunState } from '@holdfast/core'
import type { RunsApi } from '@holdfast/journal'
import { columns } from './columns.ts'

const states = ['running', 'waiting', 'completed', 'failed'] as const

/** The runs as a table, the latest first. */
export async function listRuns(
  runs: RunsApi,
  wanted: {
    readonly state?: string | undefined
    readonly agent?: string | undefined
    readonly session?: string | undefined
    readonly limit?: string | undefined
  },
): Promise<string> {
  const { state, agent, session, limit = '20' } = wanted
  if (state !== undefined && !states.includes(state as JournalRunState)) {
    throw new TypeError(`--state is one of ${states.join(', ')}`)
  }
  const found = await runs.list({
    limit: Number(limit),
    ...(state === undefined ? {} : { states: [state as JournalRunState] }),
    ...(agent === undefined ? {} : { agent }),
    ...(session === undefined ? {} : { session }),
  })
  if (found.length === 0) return 'no runs\n'
  const rows = await Promise.all(found.map(async (run) => rowOf(run, await callsOf(runs, run))))
  return columns([['run', 'state', 'agent', 'session', 'began', 'models', 'tools', ''], ...rows])
}

interface Calls {
  readonly models: number
  readonly tools: number
  readonly inDoubt: number
}

async function callsOf(runs: RunsApi, { id }: JournalRun): Promise<Calls> {
  const entries = await runs.entries(id)
  return {
    models: entries.filter(({ kind }) => kind === 'llm').length,
    tools: entries.filter(({ kind }) => kind === 'tool-outcome').length,
    inDoubt: (await runs.inDoubt(id)).length,
  }
}

function rowOf(run: JournalRun, { models, tools, inDoubt }: Calls): string[] {
  return [
    run.id,
    run.state,
    run.agent ?? '',
    run.session ?? '',
    new Date(run.createdAtMs).toISOString().slice(0, 19).replace('T', ' '),
    String(models),
    String(tools),
    inDoubt === 0 ? '' : `${inDoubt} in doubt`,
  ]
}
