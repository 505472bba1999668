import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'

/** Whose memory, whose budget, whose permissions. */
export interface Identity {
  readonly tenant?: string
  readonly user?: string
  readonly agent?: string
}

/** One execution of an agent, from input to answer. */
export interface Run extends Identity {
  readonly id: string
  /** The conversation or thread that this run is part of. */
  readonly session?: string
  /** The run that started this one. */
  readonly parent?: Run
  /** Which version of the prompt the run works with; appears in telemetry. */
  readonly promptVersion?: string
}

export interface RunOptions extends Identity {
  /** @default a random UUID */
  readonly id?: string
  readonly session?: string
  readonly promptVersion?: string
}

const scope = new AsyncLocalStorage<Run>()

/** The run that the current code belongs to, if any. */
export function currentRun(): Run | undefined {
  return scope.getStore()
}

/** A run that is no part of another one, not entered yet. */
export function rootRun({ id = randomUUID(), ...named }: RunOptions = {}): Run {
  return Object.freeze({ ...named, id })
}

/** A run inside the current one, if there is one, not entered yet. What it does not name it takes from its parent. */
export function childRun(options: RunOptions = {}): Run {
  const parent = currentRun()
  if (parent === undefined) return rootRun(options)
  const { id = randomUUID(), ...named } = options
  const { tenant, user, session, promptVersion } = parent
  return Object.freeze({
    ...(tenant === undefined ? {} : { tenant }),
    ...(user === undefined ? {} : { user }),
    ...(session === undefined ? {} : { session }),
    ...(promptVersion === undefined ? {} : { promptVersion }),
    ...named,
    id,
    parent,
  })
}

/** Calls `work` inside the run: every call made in it, now or later, belongs to the run. */
export function enterRun<T>(run: Run, work: () => T): T {
  return scope.run(run, work)
}
