import { join } from 'node:path'
import type { CommandLine } from './command-line.ts'
import type { DriverName } from './drivers/driver.ts'
import type { Order } from './order.ts'
import { driversOf } from './settings.ts'
import type { SettingName } from './settings.ts'

/** Where the cases and the workspace are. */
export interface Places {
  readonly cases: string | undefined
  readonly root: string
  /** For the notes of what was executed. */
  readonly notes: string
}

// Two processes that take about the same time.
const halves: readonly (readonly DriverName[])[] = [
  ['langgraph', 'fetch'],
  ['openai-agents', 'kaibanjs'],
]

/** The parts of the protocol: attacks in every setting, and tasks where an agent is to work. */
export function partsOf(line: CommandLine, { cases, root, notes }: Places): Order[] {
  const { sets, most, seed } = line
  const orders: Order[] = []
  const add = (
    setting: SettingName,
    kind: Order['kind'],
    drivers: readonly DriverName[],
    times?: number,
  ): void => {
    const seen = drivers.filter(
      (name) => line.drivers.includes(name) && driversOf[setting]?.includes(name) !== false,
    )
    if (seen.length === 0) return
    orders.push({
      setting,
      kind,
      drivers: seen,
      cases,
      root,
      sets,
      ...(most === undefined ? {} : { most }),
      ...(times === undefined ? {} : { times }),
      seed,
      atOnce: 8,
      truth: join(notes, `${orders.length}-${setting}-${kind}.jsonl`),
    })
  }
  for (const setting of line.settings) {
    // Every combination for the figure; one of each framework for what stands beside it.
    const times = setting === 'strict' || setting === 'bare' ? undefined : 1
    if (times === undefined) for (const half of halves) add(setting, 'attack', half)
    else add(setting, 'attack', halves.flat(), times)
    if (hasTasks.has(setting)) for (const half of halves) add(setting, 'task', half)
  }
  return orders
}

const hasTasks: ReadonlySet<SettingName> = new Set(['bare', 'strict'])
