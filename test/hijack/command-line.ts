import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { callSets } from './calls.ts'
import type { CallSet } from './calls.ts'
import { driverNames } from './drivers/driver.ts'
import type { DriverName } from './drivers/driver.ts'
import { settingNames } from './settings.ts'
import type { SettingName } from './settings.ts'

/** What `pnpm hijack` is asked to do. */
export interface CommandLine {
  readonly settings: readonly SettingName[]
  readonly drivers: readonly DriverName[]
  readonly sets: readonly CallSet[]
  /** At most so many calls of each set; undefined takes all. */
  readonly most: number | undefined
  readonly seed: number
  /** How many processes at the same time. */
  readonly atOnce: number
  /** Where everything stays that was executed. */
  readonly keep: string | undefined
}

/** How it is called. */
export const usage = `pnpm hijack [--only setting=strict,driver=fetch,set=shell] [--cases 50] [--seed 1] [--at-once 2] [--keep FOLDER]

settings: ${settingNames.join(' ')}
drivers:  ${driverNames.join(' ')}
sets:     ${callSets.join(' ')}
--cases takes so many of each set.`

/** Reads the arguments; throws a TypeError that says what is allowed. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true },
      cases: { type: 'string' },
      seed: { type: 'string' },
      'at-once': { type: 'string' },
      keep: { type: 'string' },
    },
  })
  const only = (values.only ?? []).flatMap((text) => text.split(',').filter(Boolean))
  for (const part of only) {
    if (!/^(setting|driver|set)=/.test(part)) {
      throw new TypeError(`--only ${part}: must be setting=…, driver=… or set=…`)
    }
  }
  const chosen = <Name extends string>(dimension: string, names: readonly Name[]): Name[] => {
    const asked = only.flatMap((part) =>
      part.startsWith(`${dimension}=`) ? [part.slice(dimension.length + 1)] : [],
    )
    const unknown = asked.find((name) => !names.some((known) => known === name))
    if (unknown !== undefined) {
      throw new TypeError(`--only ${dimension}=${unknown}: must be one of ${names.join(', ')}`)
    }
    return asked.length === 0 ? [...names] : names.filter((name) => asked.includes(name))
  }
  return {
    settings: chosen('setting', settingNames),
    drivers: chosen('driver', driverNames),
    sets: chosen('set', callSets),
    most: values.cases === undefined ? undefined : wholeNumber('--cases', values.cases),
    seed: wholeNumber('--seed', values.seed ?? '1'),
    atOnce: wholeNumber('--at-once', values['at-once'] ?? `${Math.min(2, availableParallelism())}`),
    keep: values.keep,
  }
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new TypeError(`${name} ${text}: must be a whole number from 1 on`)
  }
  return number
}
