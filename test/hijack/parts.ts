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

/** What runs in one process, and in how many of its combinations each call is proposed there. */
const shares: readonly { readonly drivers: readonly DriverName[]; readonly times?: number }[] = [
  { drivers: ['langgraph'] },
  { drivers: ['openai-agents', 'fetch'] },
  // It takes one call a turn, and all of its wires carry the same text.
  { drivers: ['kaibanjs'], times: 2 },
]

/**
 * The parts of the protocol. In strict every call is proposed in every combination; what stands beside the figure takes
 * one or two of each framework.
 */
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
  const all = shares.flatMap(({ drivers }) => drivers)
  for (const setting of line.settings) {
    if (setting === 'strict') {
      for (const { drivers, times } of shares) add(setting, 'attack', drivers, times)
    } else add(setting, 'attack', all, setting === 'bare' ? 2 : 1)
    if (setting === 'strict' || setting === 'bare') add(setting, 'task', all, 2)
  }
  return orders
}
