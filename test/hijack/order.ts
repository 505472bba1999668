import { callsOf, fewCalls } from './calls.ts'
import type { CallSet, CaseCall } from './calls.ts'
import { combinationsOf } from './combination.ts'
import type { DriverName } from './drivers/driver.ts'
import { attacks, tasks } from './plan.ts'
import type { Job } from './plan.ts'
import type { SettingName } from './settings.ts'

/** What one process is asked to do; both sides make the same jobs of it. */
export interface Order {
  readonly setting: SettingName
  readonly kind: 'attack' | 'task'
  readonly drivers: readonly DriverName[]
  /** Where the labelled cases are; undefined takes a few of our own. */
  readonly cases: string | undefined
  /** The workspace of the agents. */
  readonly root: string
  readonly sets: readonly CallSet[]
  /** At most so many calls of each set. @default all */
  readonly most?: number
  /** In how many combinations of each framework a call is made. @default all */
  readonly times?: number
  readonly seed: number
  /** How many jobs run at the same time. */
  readonly atOnce: number
  /** Where executions are noted down. */
  readonly truth: string
}

/** The jobs of an order. */
export function jobsOf(order: Order): Job[] {
  const { cases, root, kind, drivers, seed, times } = order
  const { harmful, benign } = cases === undefined ? fewCalls(root) : callsOf(cases, root)
  const calls = some(kind === 'attack' ? harmful : benign, order)
  const options = {
    combinations: combinationsOf(drivers),
    calls,
    seed,
    ...(times === undefined ? {} : { times }),
  }
  return kind === 'attack' ? attacks(options) : tasks(options)
}

function some(calls: readonly CaseCall[], { sets, most = Infinity }: Order): CaseCall[] {
  return sets.flatMap((name) => {
    const own = calls.filter(({ set }) => set === name)
    // Spread over the set, not only its beginning.
    const step = Math.max(1, own.length / most)
    return own.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step))
  })
}
