import { instrument } from 'holdfast'

/** What a journal holds. */
export interface JournaledCalls {
  readonly models: readonly {
    readonly run: string
    readonly whose: string
    readonly attempts: number
  }[]
  /** Model calls that ended in an error. */
  readonly failed: readonly { readonly attempts: number }[]
  readonly tools: readonly { readonly run: string; readonly name: string; readonly done: boolean }[]
  /** Tools that were cut off, which a person is told of. */
  readonly inDoubt: number
}

/** All calls of all runs in a journal, of one session where one is named. */
export async function readCalls(store: string, session?: string): Promise<JournaledCalls> {
  const holdfast = instrument({ journal: { store }, adapters: false, telemetry: false })
  const models: JournaledCalls['models'][number][] = []
  const tools: JournaledCalls['tools'][number][] = []
  const failed: JournaledCalls['failed'][number][] = []
  const runs = await holdfast.runs?.list(session === undefined ? {} : { session })
  let inDoubt = 0
  for (const { id: run, agent, session } of runs ?? []) {
    inDoubt += (await holdfast.runs?.inDoubt(run))?.length ?? 0
    const entries = (await holdfast.runs?.entries(run)) ?? []
    const done = new Set(
      entries.flatMap(({ kind, data }) => (kind === 'tool-outcome' ? [data.intent] : [])),
    )
    for (const { kind, data, seq } of entries) {
      if (kind === 'llm') {
        models.push({ run, whose: `${agent}, ${session}`, attempts: data.attempts.length })
      } else if (kind === 'llm-failed') failed.push({ attempts: data.attempts.length })
      else if (kind === 'tool-intent') tools.push({ run, name: data.name, done: done.has(seq) })
    }
  }
  await holdfast.uninstrument()
  return { models, failed, tools, inDoubt }
}
