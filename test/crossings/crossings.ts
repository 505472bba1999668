import type { Played, SeenRun } from '../adapters/run-application.ts'

/** What interleaved runs did, and which of their calls Holdfast took for another run's. */
export interface Crossings {
  readonly runs: number
  readonly models: number
  readonly tools: number
  /** One line each. */
  readonly wrong: readonly string[]
}

/**
 * Holds what every model request and every tool call asks about, which is its run's mark, against the run that Holdfast
 * saw: one mark has one run, one run has one mark, and wherever a run's identity names a mark it is that one.
 */
export function crossings({ result, models, tools }: Played): Crossings {
  const calls = [
    ...models.map(({ city, run }) => ({ what: 'a model request', mark: city, run })),
    ...tools.map((tool) => ({ what: 'a tool call', mark: cityIn(tool.arguments), run: tool.run })),
  ]
  const runOf = new Map<string, string>()
  const markOf = new Map<string, string>()
  const wrong: string[] = []
  for (const { what, mark, run } of calls) {
    if (mark === undefined) continue
    const id = run === undefined ? undefined : outermost(run).id
    if (id === undefined) {
      wrong.push(`${what} about ${mark} belongs to no run`)
      continue
    }
    const others = [runOf.get(mark) === id || !runOf.has(mark) ? undefined : 'two runs'].concat(
      namesIn(run).filter((name) => name !== mark),
      markOf.has(id) && markOf.get(id) !== mark ? [markOf.get(id)] : [],
    )
    runOf.set(mark, id)
    markOf.set(id, mark)
    const other = others.find((name) => name !== undefined)
    if (other !== undefined) wrong.push(`${what} about ${mark} was taken for ${other}`)
  }
  // An agent that hands over says nothing of what it is about; the run knows.
  for (const { what, mark, run } of calls) {
    if (mark === undefined && (run === undefined || !markOf.has(outermost(run).id))) {
      wrong.push(`${what} about nothing belongs to no run that is known`)
    }
  }
  const runs = Object.keys(result as object)
  for (const mark of runs) {
    if (!runOf.has(mark)) wrong.push(`nothing was seen of ${mark}`)
  }
  return { runs: runs.length, models: models.length, tools: tools.length, wrong }
}

function outermost(run: SeenRun): SeenRun {
  return run.parent === undefined ? run : outermost(run.parent)
}

/** The marks that a run and those around it carry in their identity. */
function namesIn(run: SeenRun | undefined): string[] {
  if (run === undefined) return []
  const { id, session, user, agent, parent } = run
  const said = [id.startsWith('own-') ? id : '', session, user, agent].join(' ')
  return [...(said.match(/\bR\d+\b/g) ?? []), ...namesIn(parent)]
}

function cityIn(given: unknown): string | undefined {
  const { city } = (typeof given === 'string' ? JSON.parse(given) : given) as { city?: string }
  return city
}
