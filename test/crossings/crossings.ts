import type { Played, SeenRun } from '../adapters/run-application.ts'

/** What interleaved runs did, and which of their calls Holdfast took for another run's. */
export interface Crossings {
  readonly runs: number
  readonly models: number
  readonly tools: number
  /** One line each. */
  readonly wrong: readonly string[]
}

/** A call, what it asks about, and the run that Holdfast took it for. */
export interface MarkedCall {
  readonly what: 'a model request' | 'a tool call'
  readonly mark?: string | undefined
  readonly run?: SeenRun | undefined
  /** Whose run it is, where that is known from elsewhere. */
  readonly whose?: Whose | undefined
}

/** What is left out is not known; undefined is nobody. */
export type Whose = { readonly [part in 'session' | 'user' | 'agent']?: string | undefined }

/** What an application's runs crossed: what its calls ask about is a city. */
export function crossings({ result, models, tools }: Played): Crossings {
  const calls: readonly MarkedCall[] = [
    ...models.map(({ city, run }) => ({ what: 'a model request' as const, mark: city, run })),
    ...tools.map((tool) => ({
      what: 'a tool call' as const,
      mark: cityIn(tool.arguments),
      run: tool.run,
    })),
  ]
  return crossed(calls, Object.keys(result as object))
}

/**
 * Holds what every model request and every tool call asks about, which is its run's mark, against the run that Holdfast
 * saw: one mark has one run, one run has one mark, and wherever a run's identity names a mark it is that one.
 */
export function crossed(calls: readonly MarkedCall[], runs: readonly string[]): Crossings {
  const runOf = new Map<string, string>()
  const markOf = new Map<string, string>()
  const wrong: string[] = []
  for (const { what, mark, run, whose } of calls) {
    if (mark === undefined) continue
    const id = run === undefined ? undefined : outermost(run).id
    if (id === undefined) {
      wrong.push(`${what} about ${mark} belongs to no run`)
      continue
    }
    const others = [runOf.get(mark) === id || !runOf.has(mark) ? undefined : 'two runs'].concat(
      strangersIn(run, whose),
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
  for (const mark of runs) {
    if (!runOf.has(mark)) wrong.push(`nothing was seen of ${mark}`)
  }
  const models = calls.filter(({ what }) => what === 'a model request').length
  return { runs: runs.length, models, tools: calls.length - models, wrong }
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

/** Who stands in a run's identity that is somebody else. */
function strangersIn(run: SeenRun | undefined, whose: Whose = {}): string[] {
  return (['session', 'user', 'agent'] as const)
    .filter((part) => part in whose && run?.[part] !== whose[part])
    .map((part) => `${part} ${run?.[part] ?? 'of nobody'}`)
}

function cityIn(given: unknown): string | undefined {
  const { city } = (typeof given === 'string' ? JSON.parse(given) : given) as { city?: string }
  return city
}
